using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Agents;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.Tests.Agents;

public sealed class AgentPlanTests
{
    private static readonly string[] Complete = ["ServiceAccount default/agent-triage", "Deployment default/agent-triage", "Service default/agent-triage"];

    /// <summary>Each row: what is there, the reason that must be given, a part of the message, and whether pods are to run.</summary>
    public static TheoryData<string, string, string, bool> Rows => new()
    {
        { "complete", "Progressing", "waiting for the Deployment", true },
        { "running", "Ready", "1 of 1 pods run", true },
        { "no model", "ModelNotFound", "no ModelConfig 'procedure' in namespace default; create it", false },
        { "model unchecked", "ModelNotReady", "has not been checked yet", false },
        { "model not ready", "ModelNotReady", "SecretNotFound: no Secret 'keys'", false },
        { "no tool server", "ToolServerNotFound", "no ToolServer 'absent' in namespace default", false },
        { "no tool", "ToolNotFound", "ToolServer 'cluster' has no tool 'lsit'; correct spec.tools: it has list, get", false },
        { "no role", "RoleNotFound", "no ClusterRole 'view'; create it", true },
        { "not accepted", "AccessRefused", "kubectl annotate namespace shop castellan.dev/accepts-agents-from=default", true },
    };

    [Theory, MemberData(nameof(Rows))]
    public void From_ForEachObservation_GivesReasonAndChildren(string observation, string reason, string message, bool runs)
    {
        var plan = AgentPlan.From(Seen(observation), Given.Options);
        Assert.Equal(reason, plan.Ready.Reason);
        Assert.Contains(message, plan.Ready.Message, StringComparison.Ordinal);
        Assert.Equal(runs ? Complete : Complete[..1], plan.Children.Where(c => c is not RoleBinding).Select(c => $"{c.Kind} {c.Key}"));
    }

    [Fact]
    public void From_Always_SaysIdentityAndModel()
    {
        var plan = AgentPlan.From(Seen("running"), Given.Options);
        Assert.Equal(("spiffe://castellan.local/ns/default/sa/agent-triage", "Runbook/triage"), (plan.SpiffeId, plan.Model));
    }

    [Fact]
    public void From_WhenAnImageIsNamed_RunsItInTheSameHardenedContainer()
    {
        var seen = Seen("running");
        var own = Assert.Single(Child<Deployment>(AgentPlan.From(seen, Given.Options)).Spec.Template.Spec.Containers);
        seen.Agent.Spec.Image = "registry.example/loop:2";
        var named = Assert.Single(Child<Deployment>(AgentPlan.From(seen, Given.Options)).Spec.Template.Spec.Containers);
        Assert.Equal("registry.example/loop:2", named.Image);
        named.Image = own.Image;
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(own), System.Text.Json.JsonSerializer.Serialize(named));
    }

    [Fact]
    public void From_Always_MakesAPodThatHoldsNoCredentialAndNoRights()
    {
        var pod = Child<Deployment>(AgentPlan.From(Seen("running"), Given.Options)).Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.Equal(("castellan.dev/agent-runtime:test", "agent-triage", (bool?)false), (container.Image, pod.ServiceAccountName, pod.AutomountServiceAccountToken));
        Assert.Equal((true, "RuntimeDefault"), (pod.SecurityContext!.RunAsNonRoot, pod.SecurityContext.SeccompProfile!.Type));
        Assert.Equal((true, false), (container.SecurityContext!.ReadOnlyRootFilesystem, container.SecurityContext.AllowPrivilegeEscalation));
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities!.Drop!);
        Assert.DoesNotContain(container.Env!, e => e.ValueFrom?.SecretKeyRef is not null);
        Assert.Equal(
            ["SPIFFE_ENDPOINT_SOCKET=unix:///run/test/workload.sock", "POD_NAME=metadata.name", "POD_NAMESPACE=metadata.namespace", "POD_IP=status.podIP",
             "CASTELLAN_GATEWAY=https://127.0.0.1:7443", "CASTELLAN_GATEWAY_ID=spiffe://castellan.local/ns/castellan-system/sa/gateway",
             "CASTELLAN_TRUST_DOMAIN=castellan.local", "CASTELLAN_AGENT=triage"],
            container.Env!.Select(e => $"{e.Name}={e.Value ?? e.ValueFrom!.FieldRef!.FieldPath}"));
        Assert.Equal(("/run/test", true), container.VolumeMounts!.Where(m => m.MountPath == "/run/test").Select(m => (m.MountPath, m.ReadOnly is true)).Single());
    }

    [Theory]
    [InlineData("/run/test/workload.sock", "/tmp /run/test")]
    [InlineData("/tmp/state/run/workload.sock", "/tmp/state/run")] // the process kubelet cannot mount inside a mount
    public void From_WhereverTheSocketIs_MountsItsFolder(string socket, string mounts)
    {
        var options = new AgentControllerOptions { Identity = IdentityMode.Node, WorkloadApiSocket = socket };
        var container = Child<Deployment>(AgentPlan.From(Seen("running"), options)).Spec.Template.Spec.Containers[0];
        Assert.Equal(mounts, string.Join(' ', container.VolumeMounts!.Select(m => m.MountPath)));
    }

    [Fact]
    public void From_Always_OwnsItsChildrenAndSelectsItsPods()
    {
        var plan = AgentPlan.From(Seen("running"), Given.Options);
        Assert.All(plan.Children, c => Assert.Equal("uid-triage", Assert.Single(c.Metadata.OwnerReferences!).Uid));
        Assert.Equal(Child<Service>(plan).Spec.Selector, Child<Deployment>(plan).Spec.Selector.MatchLabels);
        Assert.Subset(Child<Deployment>(plan).Spec.Template.Metadata!.Labels!.ToHashSet(), Child<Service>(plan).Spec.Selector!.ToHashSet());
    }

    [Fact]
    public void From_WhenARoleIsGranted_BindsItToTheAgentsAccount()
    {
        var binding = Child<RoleBinding>(AgentPlan.From(Granting("default", isAccepted: true), Given.Options));
        Assert.Equal(("ClusterRole", "view"), (binding.RoleRef.Kind, binding.RoleRef.Name));
        var subject = Assert.Single(binding.Subjects!);
        Assert.Equal(("ServiceAccount", "agent-triage", "default"), (subject.Kind, subject.Name, subject.Namespace));
        Assert.NotNull(binding.Metadata.OwnerReferences);
    }

    [Fact]
    public void From_WhenGrantedInAnotherNamespace_LabelsTheBindingInsteadOfOwningIt()
    {
        var binding = Child<RoleBinding>(AgentPlan.From(Granting("shop", isAccepted: true), Given.Options));
        Assert.Equal("shop", binding.Metadata.Namespace);
        Assert.Null(binding.Metadata.OwnerReferences);
        Assert.Equal(["agent", "triage", "default"], new[] { "kind", "name", "namespace" }.Select(l => binding.Metadata.Labels![$"castellan.dev/{l}"]));
    }

    [Fact]
    public void From_WhenAgentsOfTwoNamespacesAreGrantedTheSame_NamesTheBindingsDifferently()
    {
        var other = Granting("shop", isAccepted: true);
        other.Agent.Metadata.Namespace = "elsewhere";
        Assert.NotEqual(
            Child<RoleBinding>(AgentPlan.From(Granting("shop", isAccepted: true), Given.Options)).Metadata.Name,
            Child<RoleBinding>(AgentPlan.From(other, Given.Options)).Metadata.Name);
    }

    [Fact]
    public void From_WhenTheOtherNamespaceDoesNotAccept_BindsNothing() =>
        Assert.DoesNotContain(AgentPlan.From(Granting("shop", isAccepted: false), Given.Options).Children, c => c is RoleBinding);

    [Fact]
    public void From_WhenAGrantIsTakenBack_RemovesItsBinding_EvenIfTheModelIsMissing()
    {
        var binding = Child<RoleBinding>(AgentPlan.From(Granting("shop", isAccepted: true), Given.Options));
        var plan = AgentPlan.From(new AgentObservation(Given.Agent()) { Bindings = [binding] }, Given.Options);
        Assert.Equal("ModelNotFound", plan.Ready.Reason);
        Assert.Same(binding, Assert.Single(plan.Obsolete));
    }

    [Fact]
    public void From_WhenAcceptanceIsTakenBack_RemovesTheBinding()
    {
        var binding = Child<RoleBinding>(AgentPlan.From(Granting("shop", isAccepted: true), Given.Options));
        Assert.Single(AgentPlan.From(Granting("shop", isAccepted: false) with { Bindings = [binding] }, Given.Options).Obsolete);
    }

    [Theory]
    [InlineData("default", true)]
    [InlineData("a, default ,b", true)]
    [InlineData("defaults", false)]
    [InlineData("", false)]
    public void Accepts_ForEachAnnotation_TakesWholeNames(string annotation, bool accepts) => Assert.Equal(accepts, AgentAccess.Accepts(
        new Namespace { Metadata = new ObjectMeta { Name = "shop", Annotations = new Dictionary<string, string> { ["castellan.dev/accepts-agents-from"] = annotation } } },
        "default"));

    private static AgentObservation Seen(string what)
    {
        var complete = new AgentObservation(Given.Agent()) { Model = Given.Model() };
        return what switch
        {
            "complete" => complete,
            "running" => complete with { Deployment = Given.Deployment(1, 1) },
            "no model" => complete with { Model = null },
            "model unchecked" => complete with { Model = Given.Model(ready: null) },
            "model not ready" => complete with { Model = Given.Model(ready: false) },
            "no tool server" => complete with
            {
                Agent = Given.Agent(with: s => s.Tools = [new AgentTools { Server = "there" }, new AgentTools { Server = "absent" }]),
                ToolServers = new HashSet<string> { "there" },
            },
            "no tool" => complete with
            {
                Agent = Given.Agent(with: s => s.Tools = [new AgentTools { Server = "cluster", Names = ["lsit", "get"] }]),
                ToolServers = new HashSet<string> { "cluster" },
                OfferedTools = new Dictionary<string, IReadOnlyList<string>> { ["cluster"] = ["list", "get"] },
            },
            "no role" => Granting("default", isAccepted: true, exists: false),
            "not accepted" => Granting("shop", isAccepted: false),
            _ => throw new ArgumentException(what),
        };
    }

    private static AgentObservation Granting(string ns, bool isAccepted, bool exists = true)
    {
        var grant = new RoleGrant { Kind = RoleKind.ClusterRole, Name = "view", Namespace = ns };
        return new AgentObservation(Given.Agent(with: s => s.Access = [grant])) { Model = Given.Model(), Grants = [new ObservedGrant(grant, ns, exists, isAccepted)] };
    }

    private static T Child<T>(AgentPlan plan) where T : KubeObject => Assert.Single(plan.Children.OfType<T>());
}
