namespace Castellan.Workflows;

/// <summary>Where an orchestration instance stands.</summary>
public enum WorkflowRuntimeStatus
{
    /// <summary>No such instance.</summary>
    Unknown = -1,

    /// <summary>Its first turn ran and it has not ended.</summary>
    Running = 0,

    /// <summary>It returned.</summary>
    Completed = 1,

    /// <summary>It started again with a new input.</summary>
    ContinuedAsNew = 2,

    /// <summary>It threw.</summary>
    Failed = 3,

    /// <summary>It was cancelled.</summary>
    Canceled = 4,

    /// <summary>A client terminated it.</summary>
    Terminated = 5,

    /// <summary>Accepted; no turn ran yet.</summary>
    Pending = 6,

    /// <summary>Paused by a client.</summary>
    Suspended = 7,

    /// <summary>No worker can go on with it; its history waits for one that can.</summary>
    Stalled = 8,
}
