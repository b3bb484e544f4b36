using Castellan.Workflows.Protocol;
using static Castellan.Workflows.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Castellan.Workflows.Sidecar;

/// <summary>The one payload that an event may carry.</summary>
internal static class EventPayload
{
    public static string? Of(HistoryEvent one) => one.EventTypeCase switch
    {
        ExecutionStarted => one.ExecutionStarted.Input,
        ExecutionCompleted => one.ExecutionCompleted.Result,
        ExecutionTerminated => one.ExecutionTerminated.Input,
        TaskScheduled => one.TaskScheduled.Input,
        TaskCompleted => one.TaskCompleted.Result,
        ChildWorkflowInstanceCreated => one.ChildWorkflowInstanceCreated.Input,
        ChildWorkflowInstanceCompleted => one.ChildWorkflowInstanceCompleted.Result,
        EventSent => one.EventSent.Input,
        EventRaised => one.EventRaised.Input,
        HistoryEvent.EventTypeOneofCase.ContinueAsNew => one.ContinueAsNew.Input,
        ExecutionSuspended => one.ExecutionSuspended.Input,
        ExecutionResumed => one.ExecutionResumed.Input,
        _ => null,
    };

    /// <summary>Replaces the payload of an event that has one.</summary>
    public static void Set(HistoryEvent one, string? payload)
    {
        switch (one.EventTypeCase)
        {
            case ExecutionStarted: one.ExecutionStarted.Input = payload; break;
            case ExecutionCompleted: one.ExecutionCompleted.Result = payload; break;
            case ExecutionTerminated: one.ExecutionTerminated.Input = payload; break;
            case TaskScheduled: one.TaskScheduled.Input = payload; break;
            case TaskCompleted: one.TaskCompleted.Result = payload; break;
            case ChildWorkflowInstanceCreated: one.ChildWorkflowInstanceCreated.Input = payload; break;
            case ChildWorkflowInstanceCompleted: one.ChildWorkflowInstanceCompleted.Result = payload; break;
            case EventSent: one.EventSent.Input = payload; break;
            case EventRaised: one.EventRaised.Input = payload; break;
            case HistoryEvent.EventTypeOneofCase.ContinueAsNew: one.ContinueAsNew.Input = payload; break;
            case ExecutionSuspended: one.ExecutionSuspended.Input = payload; break;
            case ExecutionResumed: one.ExecutionResumed.Input = payload; break;
        }
    }
}
