using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>What the kubelet knows of one container of a pod, over all its starts. Only the pod's worker touches it.</summary>
internal sealed class ContainerRun(Container spec, bool isInit, CrashBackoff backoff, CrashBackoff configBackoff)
{
    public Container Spec { get; set; } = spec;

    public bool IsInit => isInit;

    public string Name => Spec.Name;

    /// <summary>Exactly one of the three is set.</summary>
    public ContainerState State { get; set; } = new() { Waiting = new ContainerStateWaiting { Reason = isInit ? "PodInitializing" : "ContainerCreating" } };

    /// <summary>How the start before ended.</summary>
    public ContainerStateTerminated? Last { get; set; }

    public int RestartCount { get; set; }

    public bool Started { get; set; }

    public bool Ready { get; set; }

    /// <summary>The live process; null when there is none.</summary>
    public RunningContainer? Process { get; set; }

    /// <summary>Waits between restarts.</summary>
    public CrashBackoff Backoff { get; } = backoff;

    /// <summary>Waits between tries to start what cannot be started: a missing image or reference.</summary>
    public CrashBackoff ConfigBackoff { get; } = configBackoff;

    /// <summary>When it is tried again; null for at once.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    public string? ContainerId { get; set; }

    /// <summary>True while it is being ended on purpose.</summary>
    public bool Stopping { get; set; }

    public void Wait(string reason, string? message = null) =>
        State = new ContainerState { Waiting = new ContainerStateWaiting { Reason = reason, Message = message } };

    public string FieldPath => isInit ? $"spec.initContainers{{{Name}}}" : $"spec.containers{{{Name}}}";
}
