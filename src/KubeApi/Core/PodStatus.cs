namespace Castellan.KubeApi.Core;

/// <summary>What was observed of a pod.</summary>
public sealed class PodStatus : KubeFields
{
    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
    public string? Phase { get; set; }

    /// <summary>Generation of the spec that this was observed for.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>Facts, for example <c>Ready</c>.</summary>
    public IList<PodCondition>? Conditions { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }

    /// <summary>One word, for example <c>Evicted</c>.</summary>
    public string? Reason { get; set; }

    /// <summary>Address of the node.</summary>
    public string? HostIP { get; set; }

    /// <summary>Address of the pod.</summary>
    public string? PodIP { get; set; }

    /// <summary>All its addresses.</summary>
    public IList<PodAddress>? PodIPs { get; set; }

    /// <summary>When the kubelet took the pod.</summary>
    public DateTime? StartTime { get; set; }

    /// <summary>The init containers.</summary>
    public IList<ContainerStatus>? InitContainerStatuses { get; set; }

    /// <summary>The containers.</summary>
    public IList<ContainerStatus>? ContainerStatuses { get; set; }

    /// <summary><c>BestEffort</c>, <c>Burstable</c> or <c>Guaranteed</c>.</summary>
    public string? QosClass { get; set; }
}

/// <summary>One address of a pod.</summary>
public sealed class PodAddress : KubeFields
{
    /// <summary>The address.</summary>
    public string? Ip { get; set; }
}

/// <summary>One observed fact about a pod.</summary>
public sealed class PodCondition : KubeFields
{
    /// <summary>The fact, for example <c>Ready</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; set; } = "";

    /// <summary>Generation of the spec that this was observed for.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>When <see cref="Status"/> last changed.</summary>
    public DateTime? LastTransitionTime { get; set; }

    /// <summary>One word.</summary>
    public string? Reason { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }
}

/// <summary>What was observed of a container.</summary>
public sealed class ContainerStatus : KubeFields
{
    /// <summary>Name of the container.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it does now.</summary>
    public ContainerState? State { get; set; }

    /// <summary>How it ended the last time.</summary>
    public ContainerState? LastState { get; set; }

    /// <summary>Whether it may get traffic.</summary>
    public bool Ready { get; set; }

    /// <summary>How often it was restarted.</summary>
    public int RestartCount { get; set; }

    /// <summary>What it runs.</summary>
    public string Image { get; set; } = "";

    /// <summary>Digest of what it runs.</summary>
    public string ImageID { get; set; } = "";

    /// <summary>Identity of this start.</summary>
    public string? ContainerID { get; set; }

    /// <summary>Whether the startup probe succeeded.</summary>
    public bool? Started { get; set; }
}

/// <summary>Exactly one of these.</summary>
public sealed class ContainerState : KubeFields
{
    /// <summary>Not started.</summary>
    public ContainerStateWaiting? Waiting { get; set; }

    /// <summary>Running.</summary>
    public ContainerStateRunning? Running { get; set; }

    /// <summary>Ended.</summary>
    public ContainerStateTerminated? Terminated { get; set; }
}

/// <summary>Why a container has not started.</summary>
public sealed class ContainerStateWaiting : KubeFields
{
    /// <summary>One word, for example <c>CrashLoopBackOff</c>.</summary>
    public string? Reason { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }
}

/// <summary>A running container.</summary>
public sealed class ContainerStateRunning : KubeFields
{
    /// <summary>Since when.</summary>
    public DateTime? StartedAt { get; set; }
}

/// <summary>How a container ended.</summary>
public sealed class ContainerStateTerminated : KubeFields
{
    /// <summary>Its exit code; 128 + signal when a signal killed it.</summary>
    public int ExitCode { get; set; }

    /// <summary>The signal that killed it.</summary>
    public int? Signal { get; set; }

    /// <summary>One word: <c>Completed</c>, <c>Error</c>, <c>OOMKilled</c>, …</summary>
    public string? Reason { get; set; }

    /// <summary>What it wrote to its termination message file.</summary>
    public string? Message { get; set; }

    /// <summary>Since when it ran.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>When it ended.</summary>
    public DateTime? FinishedAt { get; set; }

    /// <summary>Identity of that start.</summary>
    public string? ContainerID { get; set; }
}
