using Castellan.Workflows.Protocol;
using static Castellan.Workflows.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Castellan.Workflows.Replay;

/// <summary>What each history event does to the steps of an execution.</summary>
internal static class StepEvents
{
    /// <summary>Whether the event came from outside the execution, and so waits while it is suspended.</summary>
    public static bool IsInbound(HistoryEvent now) => now.EventTypeCase is ExecutionStarted or TaskCompleted or TaskFailed or TimerFired
        or ChildWorkflowInstanceCompleted or ChildWorkflowInstanceFailed or EventRaised;

    /// <exception cref="NonDeterministicOrchestrationException">The event records a step that the code did not ask for.</exception>
    public static void Apply(ReplayContext context, HistoryEvent now)
    {
        var steps = context.Steps;
        switch (now.EventTypeCase)
        {
            case TaskScheduled or TimerCreated or ChildWorkflowInstanceCreated or EventSent:
                steps.Record(now);
                break;
            case TaskCompleted:
                steps.Resolve(now.TaskCompleted.TaskScheduledId, source => source.TrySetResult(now.TaskCompleted.Result));
                break;
            case TaskFailed:
                steps.Resolve(now.TaskFailed.TaskScheduledId,
                    source => source.TrySetException(Failure.ToException($"activity of step {now.TaskFailed.TaskScheduledId}", now.TaskFailed.FailureDetails)));
                break;
            case ChildWorkflowInstanceCompleted:
                steps.Resolve(now.ChildWorkflowInstanceCompleted.TaskScheduledId, source => source.TrySetResult(now.ChildWorkflowInstanceCompleted.Result));
                break;
            case ChildWorkflowInstanceFailed:
                var failed = now.ChildWorkflowInstanceFailed;
                steps.Resolve(failed.TaskScheduledId,
                    source => source.TrySetException(Failure.ToException($"child orchestration of step {failed.TaskScheduledId}", failed.FailureDetails)));
                break;
            case TimerFired:
                steps.Resolve(now.TimerFired.TimerId, source => source.TrySetResult(null));
                break;
            case EventRaised:
                context.Events.Raise(now);
                break;
        }
    }
}
