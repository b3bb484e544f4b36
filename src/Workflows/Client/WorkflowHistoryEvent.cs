namespace Castellan.Workflows.Client;

/// <summary>One event of an instance's history.</summary>
/// <param name="EventId">Number of the step it records; -1 for what came from outside.</param>
/// <param name="EventType">What happened.</param>
/// <param name="Timestamp">When.</param>
public sealed record WorkflowHistoryEvent(int EventId, WorkflowHistoryEventType EventType, DateTimeOffset Timestamp);

/// <summary>What an event of a history records. The numbers are those of the protocol.</summary>
public enum WorkflowHistoryEventType
{
    /// <summary>A newer sidecar wrote it.</summary>
    Unknown = 0,

    /// <summary>The execution began.</summary>
    ExecutionStarted = 3,

    /// <summary>It ended.</summary>
    ExecutionCompleted = 4,

    /// <summary>A client terminated it.</summary>
    ExecutionTerminated = 5,

    /// <summary>An activity was asked for.</summary>
    TaskScheduled = 6,

    /// <summary>An activity returned.</summary>
    TaskCompleted = 7,

    /// <summary>An activity failed.</summary>
    TaskFailed = 8,

    /// <summary>A child was asked for.</summary>
    ChildWorkflowInstanceCreated = 9,

    /// <summary>A child returned.</summary>
    ChildWorkflowInstanceCompleted = 10,

    /// <summary>A child failed.</summary>
    ChildWorkflowInstanceFailed = 11,

    /// <summary>A timer was set.</summary>
    TimerCreated = 12,

    /// <summary>A timer fired.</summary>
    TimerFired = 13,

    /// <summary>A turn began.</summary>
    WorkflowStarted = 14,

    /// <summary>Not written by the engine.</summary>
    WorkflowCompleted = 15,

    /// <summary>An event was sent to another instance.</summary>
    EventSent = 16,

    /// <summary>An event was raised on this one.</summary>
    EventRaised = 17,

    /// <summary>Not written by the engine: a new execution has a new history.</summary>
    ContinueAsNew = 20,

    /// <summary>A client suspended it.</summary>
    ExecutionSuspended = 21,

    /// <summary>A client resumed it.</summary>
    ExecutionResumed = 22,

    /// <summary>No worker could go on.</summary>
    ExecutionStalled = 31,
}
