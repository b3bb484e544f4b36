using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Tests.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Agents;

[Trait("tier", "real-kubernetes")]
public sealed class AgentReconcilerTests : IAsyncLifetime
{
    private OperatorCluster cluster = null!;

    public async Task InitializeAsync() => cluster = await OperatorCluster.StartAsync();

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task Reconcile_WhenReferencesAppear_RunsThePodsAndBecomesReady()
    {
        await cluster.CreateAsync(Given.Agent(with: s => s.Tools = [new AgentTools { Server = "cluster" }]));
        Assert.Contains("no ModelConfig 'procedure'", (await cluster.ReadyAsync<Agent>("triage", "ModelNotFound")).Message, StringComparison.Ordinal);

        await cluster.CreateAsync(Given.Model(ready: null));
        await cluster.ReadyAsync<Agent>("triage", "ToolServerNotFound");
        Assert.Null(await cluster.Kube.FindAsync<Deployment>(cluster.Key("agent-triage"), cluster.Deadline));

        await cluster.CreateAsync(Given.ClusterServer());
        await cluster.ReadyAsync<Agent>("triage", "Progressing");

        await cluster.Pods.RunAsync("agent-triage");
        Assert.Equal("True", (await cluster.ReadyAsync<Agent>("triage", "Ready")).Status);
        var status = (await cluster.GetAsync<Agent>("triage")).Status!;
        Assert.Equal(($"spiffe://castellan.local/ns/{cluster.Namespace}/sa/agent-triage", "Runbook/triage"), (status.SpiffeId, status.Model));
    }

    [Fact]
    public async Task Reconcile_WhenPodsFail_QuotesTheContainer()
    {
        await RunningAgentAsync();
        await cluster.Pods.FailAsync("agent-triage", "ImagePullBackOff", "no such image");
        Assert.Contains("container castellan: ImagePullBackOff: no such image", (await cluster.ReadyAsync<Agent>("triage", "PodsFailing")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_WhenTheSpecTurnsBad_SaysSoAndKeepsThePods()
    {
        var before = await RunningAgentAsync();
        await PatchSpecAsync(new { model = new { name = "absent" } });
        Assert.Equal("False", (await cluster.ReadyAsync<Agent>("triage", "ModelNotFound")).Status);
        var after = await cluster.GetAsync<Deployment>("agent-triage");
        Assert.Equal((before.Metadata.Uid, before.Metadata.Generation), (after.Metadata.Uid, after.Metadata.Generation));
    }

    [Fact]
    public async Task Reconcile_WhenSomeoneChangesOrDeletesAChild_PutsItRight()
    {
        var deployment = await RunningAgentAsync();
        await cluster.Kube.PatchAsync<Deployment>(deployment.Key, KubePatch.Merge(new { spec = new { replicas = 0 } }), ct: cluster.Deadline);
        await cluster.UntilAsync<Deployment>("agent-triage", d => d.Spec.Replicas == 1 && d.Metadata.Generation > deployment.Metadata.Generation);

        var account = await cluster.GetAsync<ServiceAccount>("agent-triage");
        await cluster.Kube.DeleteAsync<ServiceAccount>(account.Key, ct: cluster.Deadline);
        await cluster.UntilAsync<ServiceAccount>("agent-triage", a => a.Metadata.Uid != account.Metadata.Uid);
    }

    [Fact]
    public async Task Reconcile_WhenAccessIsGrantedAndTakenBack_BindsAndUnbinds()
    {
        await CreateRoleAsync("reader");
        await RunningAgentAsync(s => s.Access = [new RoleGrant { Kind = RoleKind.Role, Name = "reader" }]);
        var binding = Assert.Single((await BindingsAsync(cluster.Namespace)).Items);
        Assert.Equal("reader", binding.RoleRef.Name);
        await UntilMayAsync(true, "get", "configmaps");

        await PatchSpecAsync(new { access = (object?)null }, isNullKept: true);
        await cluster.WaitAsync<RoleBinding>(binding.Key, b => b is null);
        await UntilMayAsync(false, "get", "configmaps");
    }

    [Fact]
    public async Task Reconcile_WhenTheRoleIsMissing_WaitsForIt()
    {
        await cluster.CreateAsync(Given.Model(ready: null));
        await cluster.CreateAsync(Given.Agent(with: s => s.Access = [new RoleGrant { Kind = RoleKind.Role, Name = "later" }]));
        await cluster.ReadyAsync<Agent>("triage", "RoleNotFound");
        await CreateRoleAsync("later");
        await cluster.ReadyAsync<Agent>("triage", "Progressing");
    }

    [Fact]
    public async Task Reconcile_WhenAnotherNamespaceIsNamed_AsksForItsConsent()
    {
        var other = $"{cluster.Namespace}-other";
        await cluster.AddNamespaceAsync(other);
        await cluster.CreateAsync(Given.Model(ready: null));
        await cluster.CreateAsync(Given.Agent(with: s => s.Access = [new RoleGrant { Kind = RoleKind.ClusterRole, Name = "view", Namespace = other }]));
        await cluster.ReadyAsync<Agent>("triage", "AccessRefused");
        Assert.Empty((await BindingsAsync(other)).Items);

        await AnnotateAsync(other, cluster.Namespace);
        await cluster.ReadyAsync<Agent>("triage", "Progressing");
        var binding = Assert.Single((await BindingsAsync(other)).Items);

        await AnnotateAsync(other, "nobody");
        await cluster.WaitAsync<RoleBinding>(binding.Key, b => b is null);
    }

    [Fact]
    public async Task Reconcile_WhenTheAgentIsDeleted_LeavesNothing()
    {
        var other = $"{cluster.Namespace}-other";
        await cluster.AddNamespaceAsync(other, new() { ["castellan.dev/accepts-agents-from"] = cluster.Namespace });
        await CreateRoleAsync("reader");
        await RunningAgentAsync(s => s.Access =
            [new RoleGrant { Kind = RoleKind.Role, Name = "reader" }, new RoleGrant { Kind = RoleKind.ClusterRole, Name = "view", Namespace = other }]);
        var foreign = Assert.Single((await BindingsAsync(other)).Items);
        var own = Assert.Single((await BindingsAsync(cluster.Namespace)).Items);

        await cluster.Kube.DeleteAsync<Agent>(cluster.Key("triage"), ct: cluster.Deadline);
        await cluster.WaitAsync<RoleBinding>(foreign.Key, b => b is null);
        await cluster.WaitAsync<RoleBinding>(own.Key, b => b is null);
        await cluster.WaitAsync<Deployment>(cluster.Key("agent-triage"), d => d is null);
        await cluster.WaitAsync<Service>(cluster.Key("agent-triage"), s => s is null);
        await cluster.WaitAsync<ServiceAccount>(cluster.Key("agent-triage"), a => a is null);
    }

    [Fact]
    public async Task Reconcile_WhenTheAgentWasDeletedWhileNobodyLooked_StillRemovesItsForeignBinding()
    {
        var other = $"{cluster.Namespace}-other";
        await cluster.AddNamespaceAsync(other, new() { ["castellan.dev/accepts-agents-from"] = cluster.Namespace });
        await RunningAgentAsync(s => s.Access = [new RoleGrant { Kind = RoleKind.ClusterRole, Name = "view", Namespace = other }]);
        var foreign = Assert.Single((await BindingsAsync(other)).Items);

        await cluster.StopControllerAsync();
        await cluster.Kube.DeleteAsync<Agent>(cluster.Key("triage"), ct: cluster.Deadline);
        await cluster.StartControllerAsync();
        await cluster.WaitAsync<RoleBinding>(foreign.Key, b => b is null);
    }

    [Fact]
    public async Task Reconcile_WhenTheControllerMayNotBindARole_SaysWhatTheServerSaid()
    {
        await cluster.CreateAsync(Given.Model(ready: null));
        await cluster.CreateAsync(Given.Agent(with: s => s.Access = [new RoleGrant { Kind = RoleKind.ClusterRole, Name = "cluster-admin" }]));
        var refusal = await cluster.ReadyAsync<Agent>("triage", "AccessRefused");
        Assert.Contains("the controller may not grant ClusterRole 'cluster-admin'", refusal.Message, StringComparison.Ordinal);
        Assert.Empty((await BindingsAsync(cluster.Namespace)).Items);
        await cluster.UntilAsync<Deployment>("agent-triage", _ => true); // the refusal keeps nothing else from being applied
    }

    [Fact]
    public async Task Reconcile_WhenTheReasonChanges_WritesAnEvent()
    {
        await cluster.CreateAsync(Given.Agent());
        var agent = await cluster.UntilAsync<Agent>("triage", a => a.Status is not null);
        await new EventWait(cluster).ForAsync(agent.Metadata.Uid!, "ModelNotFound");
    }

    private async Task<Deployment> RunningAgentAsync(Action<AgentSpec>? with = null)
    {
        await cluster.CreateAsync(Given.Model(ready: null));
        await cluster.CreateAsync(Given.Agent(with: with));
        await cluster.ReadyAsync<Agent>("triage", "Progressing");
        await cluster.Pods.RunAsync("agent-triage");
        await cluster.ReadyAsync<Agent>("triage", "Ready");
        return await cluster.GetAsync<Deployment>("agent-triage");
    }

    private Task<Role> CreateRoleAsync(string name) => cluster.CreateAsync(new Role
    {
        Metadata = new ObjectMeta { Name = name },
        Rules = [new KubeApi.Rbac.PolicyRule { ApiGroups = [""], Resources = ["configmaps"], Verbs = ["get"] }],
    });

    private Task<KubeList<RoleBinding>> BindingsAsync(string ns) =>
        cluster.Kube.ListAsync<RoleBinding>(ns, new ListOptions { LabelSelector = "castellan.dev/kind=agent" }, cluster.Deadline);

    private Task UntilMayAsync(bool expected, string verb, string resource) =>
        new AccessQuestion(cluster).UntilAsync(expected, "agent-triage", verb, resource, cluster.Namespace);

    private Task AnnotateAsync(string ns, string value) => cluster.Kube.PatchAsync<Namespace>(
        new NamespacedName("", ns),
        KubePatch.Merge(new { metadata = new { annotations = new Dictionary<string, string> { ["castellan.dev/accepts-agents-from"] = value } } }),
        ct: cluster.Deadline);

    private Task PatchSpecAsync(object spec, bool isNullKept = false)
    {
        var options = isNullKept ? new System.Text.Json.JsonSerializerOptions() : KubeJson.Options;
        var body = System.Text.Json.JsonSerializer.SerializeToNode(new { spec }, options)!.AsObject();
        return cluster.Kube.PatchAsync<Agent>(cluster.Key("triage"), KubePatch.Merge(body), ct: cluster.Deadline);
    }
}
