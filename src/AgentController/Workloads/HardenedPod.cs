using Castellan.AgentApi.Workloads;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Workloads;

/// <summary>The pod that every workload of ours runs in: no root, no capabilities, no writable root file system, no API token unless asked for.</summary>
/// <remarks>Source: Kubernetes, "Pod Security Standards", profile Restricted; but in mode Node for the folder of the Workload API socket, which is the node's.</remarks>
internal static class HardenedPod
{
    private const string ScratchVolume = "tmp";
    private const string ScratchPath = "/tmp";

    public static PodSpec Spec(AgentControllerOptions options, string serviceAccount, bool mountsToken, IReadOnlyList<Container> containers) => new()
    {
        ServiceAccountName = serviceAccount,
        AutomountServiceAccountToken = mountsToken,
        EnableServiceLinks = false,
        SecurityContext = new PodSecurityContext { RunAsNonRoot = true, SeccompProfile = new SeccompProfile { Type = "RuntimeDefault" } },
        InitContainers = IdentityDelivery.Sidecars(options),
        Containers = [.. containers],
        Volumes = [.. IdentityDelivery.Volumes(options, serviceAccount), new Volume { Name = ScratchVolume, EmptyDir = new EmptyDirVolume() }],
    };

    /// <summary>A container of ours: it speaks to the Workload API, listens on the mutual-TLS port and answers probes.</summary>
    public static Container Ours(AgentControllerOptions options, string image, IReadOnlyList<string> args, params IEnumerable<EnvVar> environment)
    {
        var container = Foreign(WorkloadNames.MainContainer, $"{image}:{options.ImageTag}", environment: [.. Identity(options), .. environment]);
        container.Args = args.Count > 0 ? [.. args] : null;
        container.Ports =
        [
            new ContainerPort { Name = "mtls", Port = WorkloadPorts.Mtls, Protocol = "TCP" },
            new ContainerPort { Name = "probes", Port = WorkloadPorts.Probes, Protocol = "TCP" },
        ];
        var socket = new VolumeMount { Name = IdentityDelivery.SocketVolume, MountPath = IdentityDelivery.SocketFolder(options), ReadOnly = true };
        // A mount inside another takes a mount namespace, which process pods have not; where the socket is in /tmp, /tmp is writable as it is.
        container.VolumeMounts = IsWithin(ScratchPath, socket.MountPath) ? [socket] : [.. container.VolumeMounts!, socket];
        container.ReadinessProbe = Probe("/readyz", WorkloadPorts.Probes, periodSeconds: 2, failures: 3);
        container.LivenessProbe = Probe("/healthz", WorkloadPorts.Probes, periodSeconds: 10, failures: 3);
        container.StartupProbe = Probe("/healthz", WorkloadPorts.Probes, periodSeconds: 1, failures: 60);
        return container;
    }

    /// <summary>How a container of ours reaches the collector of spans and metrics.</summary>
    public static IEnumerable<EnvVar> Telemetry(AgentControllerOptions options) =>
        options.PodTelemetry.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => Variable(v.Key, v.Value));

    /// <summary>A container of someone else: hardened alike, but without the socket that gives out the pod's identity.</summary>
    public static Container Foreign(string name, string image, IReadOnlyList<string>? command = null, params IEnumerable<EnvVar> environment) => new()
    {
        Name = name,
        Image = image,
        ImagePullPolicy = "IfNotPresent",
        Command = command is { Count: > 0 } ? [.. command] : null,
        Env = [.. environment],
        VolumeMounts = [new VolumeMount { Name = ScratchVolume, MountPath = ScratchPath }],
        Resources = new ResourceRequirements { Requests = Workload.Quantities("10m", "64Mi"), Limits = Workload.Quantities(null, "1Gi") },
        TerminationMessagePolicy = "FallbackToLogsOnError",
        SecurityContext = new SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            RunAsNonRoot = true,
            Capabilities = new Capabilities { Drop = ["ALL"] },
        },
    };

    public static EnvVar Variable(string name, string value) => new() { Name = name, Value = value };

    private static IEnumerable<EnvVar> Identity(AgentControllerOptions options) =>
    [
        Variable(WorkloadEnvironment.SpiffeSocket, $"unix://{options.Socket}"),
        Field(WorkloadEnvironment.PodName, "metadata.name"),
        Field(WorkloadEnvironment.PodNamespace, "metadata.namespace"),
        Field(WorkloadEnvironment.PodIp, "status.podIP"),
        Variable(WorkloadEnvironment.Gateway, options.Gateway),
        Variable(WorkloadEnvironment.GatewayId, options.GatewayId),
        Variable(WorkloadEnvironment.TrustDomain, options.TrustDomain),
    ];

    internal static EnvVar Field(string name, string path) =>
        new() { Name = name, ValueFrom = new EnvVarSource { FieldRef = new FieldSelector { ApiVersion = "v1", FieldPath = path } } };

    internal static Probe Probe(string path, int port, int periodSeconds, int failures) => new()
    {
        HttpGet = new HttpGetAction { Path = path, Port = port, Scheme = "HTTP" },
        PeriodSeconds = periodSeconds,
        FailureThreshold = failures,
    };

    private static bool IsWithin(string folder, string path) => path == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal);
}
