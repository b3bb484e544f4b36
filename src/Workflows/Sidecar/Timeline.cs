using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using static Castellan.Workflows.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Castellan.Workflows;

/// <summary>One line of an instance's history, for people to read.</summary>
/// <param name="Time">When.</param>
/// <param name="EventId">Number of the step it records; -1 for what came from outside.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Name">Of the orchestration, activity, child or event; for an answer, of what it answers; empty when there is none.</param>
/// <param name="Step">The step it belongs to: its own number, or the one it answers; <see langword="null"/>: none.</param>
/// <param name="Payload">JSON that came with it.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="Took">For an answer, the time since it was asked for.</param>
public sealed record TimelineEntry(DateTimeOffset Time, int EventId, WorkflowHistoryEventType Kind, string Name, int? Step, string? Payload, string? Failure, TimeSpan? Took);

/// <summary>A history as lines.</summary>
internal static class Timeline
{
    public static IReadOnlyList<TimelineEntry> Of(IEnumerable<HistoryEvent> history)
    {
        var asked = new Dictionary<int, (string Name, DateTimeOffset Time)>();
        var lines = new List<TimelineEntry>();
        foreach (var one in history)
        {
            var time = one.Timestamp.ToDateTimeOffset();
            var answers = AnsweredStep(one);
            var origin = answers is { } step && asked.TryGetValue(step, out var found) ? found : default((string Name, DateTimeOffset Time)?);
            var name = origin?.Name ?? Name(one);
            if (one.EventTypeCase is TaskScheduled or TimerCreated or ChildWorkflowInstanceCreated)
            {
                asked[one.EventId] = (name, time);
            }

            lines.Add(new(time, one.EventId, (WorkflowHistoryEventType)(int)one.EventTypeCase, name, answers ?? (one.EventId >= 0 ? one.EventId : null),
                Sidecar.EventPayload.Of(one), FailureOf(one) is { } failure ? $"{failure.ErrorType}: {failure.ErrorMessage}" : null, time - origin?.Time));
        }

        return lines;
    }

    private static int? AnsweredStep(HistoryEvent one) => one.EventTypeCase switch
    {
        TaskCompleted => one.TaskCompleted.TaskScheduledId,
        TaskFailed => one.TaskFailed.TaskScheduledId,
        ChildWorkflowInstanceCompleted => one.ChildWorkflowInstanceCompleted.TaskScheduledId,
        ChildWorkflowInstanceFailed => one.ChildWorkflowInstanceFailed.TaskScheduledId,
        TimerFired => one.TimerFired.TimerId,
        _ => null,
    };

    private static string Name(HistoryEvent one) => one.EventTypeCase switch
    {
        ExecutionStarted => one.ExecutionStarted.Name,
        ExecutionCompleted => one.ExecutionCompleted.WorkflowStatus.ToString(),
        TaskScheduled => one.TaskScheduled.Name,
        ChildWorkflowInstanceCreated => one.ChildWorkflowInstanceCreated.Name,
        TimerCreated => one.TimerCreated.ExternalEvent is { } awaited ? $"deadline of event {awaited.Name}" : $"until {one.TimerCreated.FireAt.ToDateTimeOffset():u}",
        EventSent => one.EventSent.Name,
        EventRaised => one.EventRaised.Name,
        _ => "",
    };

    private static TaskFailureDetails? FailureOf(HistoryEvent one) => one.EventTypeCase switch
    {
        TaskFailed => one.TaskFailed.FailureDetails,
        ChildWorkflowInstanceFailed => one.ChildWorkflowInstanceFailed.FailureDetails,
        ExecutionCompleted => one.ExecutionCompleted.FailureDetails,
        _ => null,
    };
}
