namespace Castellan.KubeApi.Core;

/// <summary>A group of containers that run together, and what they need.</summary>
[KubeResource("", "v1", "Pod", "pods")]
public sealed class Pod : KubeObject
{
    /// <summary>What shall run.</summary>
    public PodSpec Spec { get; set; } = new();

    /// <summary>What was observed to run.</summary>
    public PodStatus? Status { get; set; }
}

/// <summary>What pods made from a template look like.</summary>
public sealed class PodTemplateSpec : KubeFields
{
    /// <summary>Labels and annotations of the pods.</summary>
    public ObjectMeta? Metadata { get; set; }

    /// <summary>What they run.</summary>
    public PodSpec Spec { get; set; } = new();
}

/// <summary>What a pod shall run.</summary>
public sealed class PodSpec : KubeFields
{
    /// <summary>Run one after the other, each to its end, before the containers start.</summary>
    public IList<Container>? InitContainers { get; set; }

    /// <summary>Run side by side.</summary>
    public IList<Container> Containers { get; set; } = [];

    /// <summary>What containers can mount.</summary>
    public IList<Volume>? Volumes { get; set; }

    /// <summary><c>Always</c> (default), <c>OnFailure</c> or <c>Never</c>.</summary>
    public string? RestartPolicy { get; set; }

    /// <summary>Seconds between SIGTERM and SIGKILL; 30 by default.</summary>
    public long? TerminationGracePeriodSeconds { get; set; }

    /// <summary>The identity the pod runs under; <c>default</c> when absent.</summary>
    public string? ServiceAccountName { get; set; }

    /// <summary>False keeps the API token out of the containers.</summary>
    public bool? AutomountServiceAccountToken { get; set; }

    /// <summary>Where it runs; set by the scheduler.</summary>
    public string? NodeName { get; set; }

    /// <summary>Labels that the node must have.</summary>
    public IDictionary<string, string>? NodeSelector { get; set; }

    /// <summary>Which scheduler places it.</summary>
    public string? SchedulerName { get; set; }

    /// <summary>True shares the node's network.</summary>
    public bool? HostNetwork { get; set; }

    /// <summary>Host name inside the pod.</summary>
    public string? Hostname { get; set; }

    /// <summary>Security settings of all containers.</summary>
    public PodSecurityContext? SecurityContext { get; set; }

    /// <summary>Taints the pod puts up with.</summary>
    public IList<Toleration>? Tolerations { get; set; }

    /// <summary>True injects environment variables for the Services of the namespace.</summary>
    public bool? EnableServiceLinks { get; set; }
}

/// <summary>Security settings of a pod.</summary>
public sealed class PodSecurityContext : KubeFields
{
    /// <summary>Uid of the processes.</summary>
    public long? RunAsUser { get; set; }

    /// <summary>Gid of the processes.</summary>
    public long? RunAsGroup { get; set; }

    /// <summary>True refuses to run as root.</summary>
    public bool? RunAsNonRoot { get; set; }

    /// <summary>Group that owns the volumes.</summary>
    public long? FsGroup { get; set; }

    /// <summary>Which system calls the pod's containers may make.</summary>
    public SeccompProfile? SeccompProfile { get; set; }
}

/// <summary>Lets a pod onto a node with a matching taint.</summary>
public sealed class Toleration : KubeFields
{
    /// <summary>The taint's key; absent matches all.</summary>
    public string? Key { get; set; }

    /// <summary><c>Exists</c> or <c>Equal</c>.</summary>
    public string? Operator { get; set; }

    /// <summary>The taint's value, for <c>Equal</c>.</summary>
    public string? Value { get; set; }

    /// <summary>The taint's effect; absent matches all.</summary>
    public string? Effect { get; set; }

    /// <summary>How long a NoExecute taint is put up with.</summary>
    public long? TolerationSeconds { get; set; }
}
