using System.Text.Json.Serialization;

namespace Castellan.KubeApi.Core;

/// <summary>One process tree of a pod.</summary>
public sealed class Container : KubeFields
{
    /// <summary>Unique in the pod; a DNS label.</summary>
    public string Name { get; set; } = "";

    /// <summary>What to run.</summary>
    public string? Image { get; set; }

    /// <summary>Replaces the image's entry point; not run in a shell.</summary>
    public IList<string>? Command { get; set; }

    /// <summary><c>Always</c> on an init container: it goes on beside the others (a sidecar).</summary>
    public string? RestartPolicy { get; set; }

    /// <summary>Arguments to it.</summary>
    public IList<string>? Args { get; set; }

    /// <summary>Where it starts.</summary>
    public string? WorkingDir { get; set; }

    /// <summary>Ports it listens on.</summary>
    public IList<ContainerPort>? Ports { get; set; }

    /// <summary>Whole ConfigMaps and Secrets as variables.</summary>
    public IList<EnvFromSource>? EnvFrom { get; set; }

    /// <summary>Variables; later ones may refer to earlier ones as <c>$(NAME)</c>.</summary>
    public IList<EnvVar>? Env { get; set; }

    /// <summary>Where volumes appear.</summary>
    public IList<VolumeMount>? VolumeMounts { get; set; }

    /// <summary>When it fails the container is restarted.</summary>
    public Probe? LivenessProbe { get; set; }

    /// <summary>While it fails no Service sends traffic.</summary>
    public Probe? ReadinessProbe { get; set; }

    /// <summary>Until it succeeds the other probes wait.</summary>
    public Probe? StartupProbe { get; set; }

    /// <summary>Commands around start and stop.</summary>
    public Lifecycle? Lifecycle { get; set; }

    /// <summary>File whose content becomes the termination message.</summary>
    public string? TerminationMessagePath { get; set; }

    /// <summary><c>File</c> or <c>FallbackToLogsOnError</c>.</summary>
    public string? TerminationMessagePolicy { get; set; }

    /// <summary><c>Always</c>, <c>IfNotPresent</c> or <c>Never</c>.</summary>
    public string? ImagePullPolicy { get; set; }

    /// <summary>Security settings of this container.</summary>
    public SecurityContext? SecurityContext { get; set; }

    /// <summary>What it needs and may use.</summary>
    public ResourceRequirements? Resources { get; set; }
}

/// <summary>A port a container listens on.</summary>
public sealed class ContainerPort : KubeFields
{
    /// <summary>Name that Services and probes can refer to.</summary>
    public string? Name { get; set; }

    /// <summary>The port.</summary>
    [JsonPropertyName("containerPort")]
    public int Port { get; set; }

    /// <summary><c>TCP</c> (default), <c>UDP</c> or <c>SCTP</c>.</summary>
    public string? Protocol { get; set; }
}

/// <summary>Where a volume appears in a container.</summary>
public sealed class VolumeMount : KubeFields
{
    /// <summary>Name of the volume.</summary>
    public string Name { get; set; } = "";

    /// <summary>Absolute path in the container.</summary>
    public string MountPath { get; set; } = "";

    /// <summary>Path within the volume.</summary>
    public string? SubPath { get; set; }

    /// <summary>True forbids writes.</summary>
    public bool? ReadOnly { get; set; }
}

/// <summary>Security settings of a container.</summary>
public sealed class SecurityContext : KubeFields
{
    /// <summary>Uid of the process.</summary>
    public long? RunAsUser { get; set; }

    /// <summary>Gid of the process.</summary>
    public long? RunAsGroup { get; set; }

    /// <summary>True refuses to run as root.</summary>
    public bool? RunAsNonRoot { get; set; }

    /// <summary>True forbids writes outside volumes.</summary>
    public bool? ReadOnlyRootFilesystem { get; set; }

    /// <summary>False sets no_new_privs.</summary>
    public bool? AllowPrivilegeEscalation { get; set; }

    /// <summary>Linux capabilities to add to or drop from the runtime's defaults.</summary>
    public Capabilities? Capabilities { get; set; }

    /// <summary>Which system calls the container may make.</summary>
    public SeccompProfile? SeccompProfile { get; set; }
}

/// <summary>What a container needs and may use. Amounts are Kubernetes quantities, for example <c>250m</c> or <c>64Mi</c>.</summary>
public sealed class ResourceRequirements : KubeFields
{
    /// <summary>What the scheduler reserves.</summary>
    public IDictionary<string, System.Text.Json.JsonElement>? Requests { get; set; }

    /// <summary>What it may not exceed.</summary>
    public IDictionary<string, System.Text.Json.JsonElement>? Limits { get; set; }
}

/// <summary>Commands around start and stop.</summary>
public sealed class Lifecycle : KubeFields
{
    /// <summary>Runs after the container started.</summary>
    public LifecycleHandler? PostStart { get; set; }

    /// <summary>Runs before SIGTERM, within the grace period.</summary>
    public LifecycleHandler? PreStop { get; set; }
}

/// <summary>One such command.</summary>
public sealed class LifecycleHandler : KubeFields
{
    /// <summary>A command in the container.</summary>
    public ExecAction? Exec { get; set; }

    /// <summary>A request to the container.</summary>
    public HttpGetAction? HttpGet { get; set; }
}
