using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Tests;

/// <summary>Objects to start a test from.</summary>
internal static class Given
{
    public const string Namespace = "default";

    public static readonly AgentControllerOptions Options = new()
    {
        Identity = IdentityMode.Node,
        Gateway = "https://127.0.0.1:7443",
        WorkloadApiSocket = "/run/test/workload.sock",
        ImageTag = "test",
        ImpersonatableUsers = ["you"],
        ImpersonatableGroups = ["castellan:operators"],
    };

    public static Agent Agent(string name = "triage", Action<AgentSpec>? with = null)
    {
        var spec = new AgentSpec { Instructions = "Find out why.", Model = new LocalReference { Name = "procedure" } };
        with?.Invoke(spec);
        return new Agent { Metadata = Meta(name), Spec = spec };
    }

    public static ModelConfig Model(string name = "procedure", bool? ready = true, Action<ModelConfigSpec>? with = null)
    {
        var spec = new ModelConfigSpec { Provider = ModelProvider.Runbook, Model = "triage", Runbook = Runbook() };
        with?.Invoke(spec);
        var model = new ModelConfig { Metadata = Meta(name), Spec = spec };
        if (ready is { } known)
        {
            var verdict = known ? Verdict.Yes("Ready", "") : Verdict.No("SecretNotFound", "no Secret 'keys'");
            model.Status = new ModelConfigStatus { Conditions = [Conditions.Next(null, ApiGroup.ReadyCondition, verdict, 1, DateTimeOffset.UnixEpoch)] };
        }
        return model;
    }

    public static Runbook Runbook(string finding = "All is well.") => new()
    {
        Procedures = [new RunbookProcedure { Name = "look", Steps = [], Findings = [new RunbookFinding { Text = finding }] }],
    };

    public static ToolServer ClusterServer(string name = "cluster", Action<BuiltInServer>? with = null)
    {
        var builtIn = new BuiltInServer { Server = BuiltInKind.Cluster };
        with?.Invoke(builtIn);
        return new ToolServer { Metadata = Meta(name), Spec = new ToolServerSpec { BuiltIn = builtIn } };
    }

    public static ToolServer ContainerServer(string name = "files", Action<ContainerServer>? with = null)
    {
        var container = new ContainerServer { Image = "example.test/files:1" };
        with?.Invoke(container);
        return new ToolServer { Metadata = Meta(name), Spec = new ToolServerSpec { Container = container } };
    }

    public static ToolServer RemoteServer(string url = "https://mcp.example.com/mcp", Action<RemoteServer>? with = null)
    {
        var remote = new RemoteServer { Url = url };
        with?.Invoke(remote);
        return new ToolServer { Metadata = Meta("files"), Spec = new ToolServerSpec { Remote = remote } };
    }

    public static Deployment Deployment(int updated = 0, int available = 0, int? total = null, long observed = 1) => new()
    {
        Metadata = Meta("agent-triage"),
        Spec = new DeploymentSpec { Replicas = 1 },
        Status = new DeploymentStatus { ObservedGeneration = observed, Replicas = total ?? updated, UpdatedReplicas = updated, AvailableReplicas = available },
    };

    public static Pod Pod(string name, ContainerStatus? container = null, PodCondition? condition = null) => new()
    {
        Metadata = Meta(name),
        Status = new PodStatus
        {
            Phase = "Running",
            ContainerStatuses = container is null ? null : [container],
            Conditions = condition is null ? null : [condition],
        },
    };

    private static ObjectMeta Meta(string name) => new() { Name = name, Namespace = Namespace, Uid = $"uid-{name}", Generation = 1 };
}
