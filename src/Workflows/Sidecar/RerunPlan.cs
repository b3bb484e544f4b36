using Castellan.Rpc;
using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;
using static Castellan.Workflows.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Castellan.Workflows.Sidecar;

/// <summary>
/// What a rerun takes over: pure. History is kept up to the turn that asked for the chosen step; that step, and every other that was open then, is
/// asked for again. Waits begin anew: an open timer gets its whole span.
/// </summary>
internal sealed class RerunPlan(InstanceRow source, string newId, RerunWorkflowFromEventRequest request, DateTimeOffset now)
{
    private readonly string _executionId = Guid.NewGuid().ToString("N");

    public TurnPlan Build(IReadOnlyList<HistoryEvent> history)
    {
        var kept = KeptEvents(history);
        var row = new InstanceRow
        {
            Id = newId,
            ExecutionId = _executionId,
            Name = source.Name,
            Version = source.Version,
            Input = source.Input,
            Status = OrchestrationStatus.Running,
            Created = now,
            Updated = now,
            Started = now,
            Tags = source.Tags,
        };
        var plan = TurnPlan.Fork(row, now);
        var open = OpenSteps(kept);
        foreach (var one in kept)
        {
            plan.History.Add(open.Contains(one.EventId) && IsStep(one) ? AskAgain(plan, one.Clone()) : one.ExecutionStarted is null ? one : Started(one.Clone()));
        }

        return plan;
    }

    private List<HistoryEvent> KeptEvents(IReadOnlyList<HistoryEvent> history)
    {
        var target = -1;
        for (var i = 0; i < history.Count && target < 0; i++)
        {
            target = history[i].EventId == request.EventID ? i : -1;
        }

        if (target < 0)
        {
            throw new RpcException(StatusCode.NotFound, $"'{source.Id}' has no event {request.EventID}; read its history for the numbers of its steps");
        }

        if (!IsStep(history[target]) || (request.OverwriteInput && history[target].TimerCreated is not null))
        {
            throw new RpcException(StatusCode.InvalidArgument, $"event {request.EventID} of '{source.Id}' is {history[target].EventTypeCase}; "
                + "rerun from an activity, a child orchestration, or a timer (which takes no input)");
        }

        // What the same turn asked for beside the target belongs to the replay; the next turn does not.
        var kept = history.Take(target + 1).ToList();
        kept.AddRange(history.Skip(target + 1).TakeWhile(one => one.WorkflowStarted is null).Where(one => one.ExecutionCompleted is null));
        return kept;
    }

    private static bool IsStep(HistoryEvent one) => one.EventTypeCase is TaskScheduled or TimerCreated or ChildWorkflowInstanceCreated;

    private static HashSet<int> OpenSteps(List<HistoryEvent> kept)
    {
        var open = kept.Where(IsStep).Select(one => one.EventId).ToHashSet();
        open.ExceptWith(kept.Select(one => one.EventTypeCase switch
        {
            TaskCompleted => one.TaskCompleted.TaskScheduledId,
            TaskFailed => one.TaskFailed.TaskScheduledId,
            TimerFired => one.TimerFired.TimerId,
            ChildWorkflowInstanceCompleted => one.ChildWorkflowInstanceCompleted.TaskScheduledId,
            ChildWorkflowInstanceFailed => one.ChildWorkflowInstanceFailed.TaskScheduledId,
            _ => -1,
        }));
        return open;
    }

    // The parent of the source has its answer; a rerun tells nobody.
    private HistoryEvent Started(HistoryEvent one)
    {
        one.ExecutionStarted.WorkflowInstance = new() { InstanceId = newId, ExecutionId = _executionId };
        one.ExecutionStarted.ParentInstance = null;
        return one;
    }

    private HistoryEvent AskAgain(TurnPlan plan, HistoryEvent one)
    {
        var isTarget = one.EventId == request.EventID;
        if (one.TaskScheduled is { } task)
        {
            task.Input = isTarget && request.OverwriteInput ? request.Input : task.Input;
            task.TaskExecutionId = task.TaskExecutionId.Length > 0 ? Guid.NewGuid().ToString() : ""; // it shall happen again, so its idempotency key is new
            plan.Activities.Add(plan.Request(one.EventId, task));
        }
        else if (one.TimerCreated is { } timer)
        {
            var span = timer.FireAt.ToDateTimeOffset() - one.Timestamp.ToDateTimeOffset();
            var fireAt = span < DateTimeOffset.MaxValue - now ? now + span : DateTimeOffset.MaxValue;
            timer.FireAt = Timestamp.FromDateTimeOffset(fireAt);
            plan.Timers.Add((one.EventId, fireAt));
        }
        else
        {
            var child = one.ChildWorkflowInstanceCreated;
            child.InstanceId = isTarget && request is { HasNewChildWorkflowInstanceID: true, NewChildWorkflowInstanceID.Length: > 0 }
                ? request.NewChildWorkflowInstanceID
                : $"{newId}:{one.EventId:x4}";
            child.Input = isTarget && request.OverwriteInput ? request.Input : child.Input;
            plan.Children.Add(new() { InstanceId = child.InstanceId, Name = child.Name, Version = child.Version, Input = child.Input });
            plan.ChildSteps.Add(one.EventId);
        }

        return one;
    }
}
