using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Workloads;

/// <summary>How the Workload API socket comes into a pod: volumes, and the agent beside the main container if there is one.</summary>
internal static class IdentityDelivery
{
    public const string SocketVolume = "workload-api";
    private const string ProofVolume = "identity";
    private const string AgentContainer = "spiffe-agent";
    private const string SpireDriver = "csi.spiffe.io";
    private const long TokenSeconds = 3600;

    /// <summary>Name of the ConfigMap by which the pods of a workload know the SPIFFE server.</summary>
    public static string TrustName(string workload) => $"{workload}-trust";

    /// <summary>The folder of the socket, the same in every container that may reach it.</summary>
    public static string SocketFolder(AgentControllerOptions options) => Path.GetDirectoryName(options.Socket)!;

    public static IEnumerable<Volume> Volumes(AgentControllerOptions options, string workload) => options.Identity switch
    {
        IdentityMode.Spire => [new Volume { Name = SocketVolume, Csi = new CsiVolume { Driver = SpireDriver, ReadOnly = true } }],
        IdentityMode.Node => [new Volume { Name = SocketVolume, HostPath = new HostPathVolume { Path = SocketFolder(options), Type = "Directory" } }],
        _ => [new Volume { Name = SocketVolume, EmptyDir = new EmptyDirVolume { Medium = "Memory" } }, Proof(workload)],
    };

    /// <summary>Containers that start before all others and go on beside them.</summary>
    public static IList<Container>? Sidecars(AgentControllerOptions options) => options.Identity == IdentityMode.Embedded ? [Agent(options)] : null;

    // The token is for the SPIFFE server alone, dies with the pod, and is mounted nowhere but into the agent.
    private static Volume Proof(string workload) => new()
    {
        Name = ProofVolume,
        Projected = new ProjectedVolume
        {
            Sources =
            [
                new VolumeProjection { ServiceAccountToken = new TokenProjection { Audience = TrustConfig.TokenAudience, ExpirationSeconds = TokenSeconds, Path = TrustConfig.TokenFile } },
                new VolumeProjection { ConfigMap = new ConfigMapVolume { Name = TrustName(workload), Items = [new KeyToPath { Key = TrustConfig.BundleKey, Path = TrustConfig.BundleKey }] } },
            ],
        },
    };

    private static Container Agent(AgentControllerOptions options)
    {
        var agent = HardenedPod.Foreign(AgentContainer, $"{WorkloadImages.SpiffeAgent}:{options.ImageTag}", environment:
        [
            HardenedPod.Variable(WorkloadEnvironment.SpiffeSocket, $"unix://{options.Socket}"),
            HardenedPod.Field(WorkloadEnvironment.PodIp, "status.podIP"),
        ]);
        agent.RestartPolicy = "Always";
        agent.Args = ["workload", "--server", options.SpiffeServer, "--server-id", options.SpiffeServerId];
        agent.Ports = [new ContainerPort { Name = "agent-probes", Port = WorkloadPorts.AgentProbes, Protocol = "TCP" }];
        agent.VolumeMounts =
        [
            .. agent.VolumeMounts!,
            new VolumeMount { Name = SocketVolume, MountPath = SocketFolder(options) },
            new VolumeMount { Name = ProofVolume, MountPath = TrustConfig.Folder, ReadOnly = true },
        ];
        // The main container starts once its identity can be had; a server that is away for five minutes has the agent started again.
        agent.StartupProbe = HardenedPod.Probe("/readyz", WorkloadPorts.AgentProbes, periodSeconds: 1, failures: 300);
        agent.LivenessProbe = HardenedPod.Probe("/healthz", WorkloadPorts.AgentProbes, periodSeconds: 10, failures: 3);
        return agent;
    }

    /// <summary>The ConfigMap with a copy of the published trust bundle: pods mount those of their own namespace only.</summary>
    public static ConfigMap Trust(Workload workload, string bundle) => new()
    {
        Metadata = workload.Meta(TrustName(workload.Name)),
        Data = new Dictionary<string, string> { [TrustConfig.BundleKey] = bundle },
    };
}
