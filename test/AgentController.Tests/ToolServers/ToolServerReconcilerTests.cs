using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Tests.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.ToolServers;

[Trait("tier", "real-kubernetes")]
public sealed class ToolServerReconcilerTests : IAsyncLifetime
{
    private OperatorCluster cluster = null!;

    public async Task InitializeAsync() => cluster = await OperatorCluster.StartAsync();

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task Reconcile_WhenPodsRun_BecomesReadyWithItsIdentity()
    {
        await cluster.CreateAsync(Given.ContainerServer());
        await cluster.Pods.RunAsync("tools-files");
        await cluster.ReadyAsync<ToolServer>("files", "Ready");
        Assert.Equal($"spiffe://castellan.local/ns/{cluster.Namespace}/sa/tools-files", (await cluster.GetAsync<ToolServer>("files")).Status!.SpiffeId);
    }

    [Fact]
    public async Task Reconcile_WhenAServerBecomesRemoteAndComesBack_LeavesNoPodAndMakesItAgain()
    {
        var key = cluster.Key("tools-files");
        await cluster.CreateAsync(Given.ContainerServer());
        await cluster.WaitAsync<Deployment>(key, d => d is not null);
        await cluster.WaitAsync<Service>(key, s => s is not null);

        await PatchAsync(new JsonObject { ["container"] = null, ["remote"] = new JsonObject { ["url"] = "https://mcp.example.com/mcp" } });
        await cluster.WaitAsync<Deployment>(key, d => d is null);
        await cluster.WaitAsync<Service>(key, s => s is null);
        await cluster.WaitAsync<ServiceAccount>(key, a => a is null);
        await cluster.ReadyAsync<ToolServer>("files", "Progressing");
        await cluster.WaitAsync<ToolServer>(cluster.Key("files"), s => s!.Status!.SpiffeId is null);

        await PatchAsync(new JsonObject { ["remote"] = null, ["container"] = new JsonObject { ["image"] = "example.test/files:1" } });
        await cluster.WaitAsync<Deployment>(key, d => d is not null);
        await cluster.WaitAsync<Service>(key, s => s is not null);

        Task PatchAsync(JsonObject spec) => cluster.Kube.PatchAsync<ToolServer>(cluster.Key("files"), KubePatch.Merge(new JsonObject { ["spec"] = spec }), ct: cluster.Deadline);
    }

    [Fact]
    public async Task Reconcile_WhenAgentsComeAndGo_LetsTheServerActAsExactlyThose()
    {
        var access = new AccessQuestion(cluster);
        var role = new NamespacedName(cluster.Namespace, "tools-cluster");
        await cluster.CreateAsync(Given.Model(ready: null));
        await cluster.CreateAsync(Given.ClusterServer());
        await cluster.ReadyAsync<ToolServer>("cluster", "Progressing");
        Assert.Null(await cluster.Kube.FindAsync<Role>(role, cluster.Deadline));

        await cluster.CreateAsync(Given.Agent(with: s => s.Tools = [new AgentTools { Server = "cluster" }]));
        await cluster.CreateAsync(Given.Agent("other"));
        await cluster.WaitAsync<RoleBinding>(role, b => b is not null);
        await access.UntilAsync(true, "tools-cluster", "impersonate", "serviceaccounts", cluster.Namespace, "agent-triage");
        Assert.False(await access.MayAsync("tools-cluster", "impersonate", "serviceaccounts", cluster.Namespace, "agent-other"));
        Assert.False(await access.MayAsync("tools-cluster", "impersonate", "serviceaccounts", "kube-system", "agent-triage"));

        await cluster.Kube.DeleteAsync<Agent>(cluster.Key("triage"), ct: cluster.Deadline);
        await cluster.WaitAsync<Role>(role, r => r is null);
        await access.UntilAsync(false, "tools-cluster", "impersonate", "serviceaccounts", cluster.Namespace, "agent-triage");
    }

    [Fact]
    public async Task Reconcile_WhenUsersAreNamedAndTheServerIsDeleted_GrantsAndLeavesNothing()
    {
        var access = new AccessQuestion(cluster);
        await cluster.CreateAsync(Given.ClusterServer(with: b => b.ImpersonateUsers = ["you"]));
        var role = new NamespacedName("", $"castellan:tools-cluster:{cluster.Namespace}");
        await cluster.WaitAsync<ClusterRoleBinding>(role, b => b is not null);
        await access.UntilAsync(true, "tools-cluster", "impersonate", "users", null, "you");
        Assert.False(await access.MayAsync("tools-cluster", "impersonate", "users", null, "admin"));

        await cluster.Kube.DeleteAsync<ToolServer>(cluster.Key("cluster"), ct: cluster.Deadline);
        await cluster.WaitAsync<ClusterRoleBinding>(role, b => b is null);
        await cluster.WaitAsync<ClusterRole>(role, r => r is null);
        await cluster.WaitAsync<Deployment>(cluster.Key("tools-cluster"), d => d is null);
        await cluster.WaitAsync<Service>(cluster.Key("tools-cluster"), s => s is null);
        await cluster.WaitAsync<ServiceAccount>(cluster.Key("tools-cluster"), a => a is null);
    }

    [Fact]
    public async Task Reconcile_WhenTheGatewayWritesItsPartOfTheStatus_KeepsBoth()
    {
        await cluster.CreateAsync(Given.ContainerServer());
        await cluster.ReadyAsync<ToolServer>("files", "Progressing");
        var status = System.Text.Json.Nodes.JsonNode.Parse($$$"""
            {"apiVersion":"castellan.dev/v1alpha1","kind":"ToolServer","metadata":{"name":"files","namespace":"{{{cluster.Namespace}}}"},
             "status":{"toolCount":1,"tools":[{"name":"read","effect":"Read","digest":"sha256:00"}],
                       "conditions":[{"type":"Discovered","status":"True","reason":"Listed","message":"1 tool","lastTransitionTime":"2026-11-21T12:00:00Z"}]}}
            """)!.AsObject();
        await cluster.Kube.ApplyStatusAsync(KubeResource.Of<ToolServer>(), status, AgentApi.ApiGroup.GatewayFieldManager, ct: cluster.Deadline);
        await cluster.Pods.RunAsync("tools-files");
        await cluster.ReadyAsync<ToolServer>("files", "Ready");
        var after = (await cluster.GetAsync<ToolServer>("files")).Status!;
        Assert.Equal(["Discovered", "Ready"], after.Conditions!.Select(c => c.Type).Order());
        Assert.Equal((1, "read"), (after.ToolCount, after.Tools![0].Name));
    }

    [Fact]
    public async Task Reconcile_WhenTheSpecCannotRun_SaysWhichField()
    {
        await cluster.CreateAsync(Given.ContainerServer(with: c => c.Image = null));
        Assert.Contains("spec.container.image is missing", (await cluster.ReadyAsync<ToolServer>("files", "SpecInvalid")).Message, StringComparison.Ordinal);
    }
}
