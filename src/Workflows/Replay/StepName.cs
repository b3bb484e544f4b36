using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Replay;

/// <summary>A step in words; equal words mean the same step.</summary>
internal static class StepName
{
    public static string Of(WorkflowAction action) => action.ActionTypeCase switch
    {
        WorkflowAction.ActionTypeOneofCase.ScheduleTask => Activity(action.ScheduleTask.Name),
        WorkflowAction.ActionTypeOneofCase.CreateChildWorkflow => Child(action.CreateChildWorkflow.Name),
        WorkflowAction.ActionTypeOneofCase.CreateTimer => "a timer",
        WorkflowAction.ActionTypeOneofCase.SendEvent => Event(action.SendEvent.Name),
        WorkflowAction.ActionTypeOneofCase.CompleteWorkflow => "the end of the orchestration",
        var other => other.ToString(),
    };

    public static string Of(HistoryEvent recorded) => recorded.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskScheduled => Activity(recorded.TaskScheduled.Name),
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated => Child(recorded.ChildWorkflowInstanceCreated.Name),
        HistoryEvent.EventTypeOneofCase.TimerCreated => "a timer",
        HistoryEvent.EventTypeOneofCase.EventSent => Event(recorded.EventSent.Name),
        var other => other.ToString(),
    };

    private static string Activity(string name) => $"activity '{name}'";

    private static string Child(string name) => $"child orchestration '{name}'";

    private static string Event(string name) => $"sending event '{name}'";
}
