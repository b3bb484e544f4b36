using Castellan.Storage;
using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar;

/// <summary>Writes a planned turn in one unit of work.</summary>
/// <param name="rows">The hub's rows.</param>
/// <param name="plan">What the turn changes.</param>
/// <param name="consumed">The inbox entries that it consumed.</param>
/// <param name="kept">Events that go on to the next execution when this one continues as new.</param>
/// <param name="observed">What the observer enlisted.</param>
internal sealed class TurnWrites(HubStore rows, TurnPlan plan, IReadOnlyList<InboxEntry> consumed, IReadOnlyList<HistoryEvent> kept, Action<IUnitOfWork>? observed)
{
    public CommittedTurn Apply(IUnitOfWork unit)
    {
        foreach (var entry in consumed)
        {
            Consume(unit, entry);
        }

        var isNew = plan.Row.Key == 0;
        var row = isNew ? rows.Insert(unit, plan.Row) : plan.Row;
        var result = new CommittedTurn(row);
        if (plan.Restart is { } restart)
        {
            StartOver(unit, row, restart, result);
        }
        else
        {
            Continue(unit, row, isNew, result);
        }

        for (var i = 0; i < plan.Children.Count; i++)
        {
            StartChild(unit, row, plan.Children[i], plan.ChildSteps[i], result);
        }

        foreach (var (target, message) in plan.Messages)
        {
            Send(unit, target, message, result);
        }

        if (plan.TerminateChildren)
        {
            TerminateChildren(unit, row, result);
        }

        EnlistedWriteException.Guard(null, observed, unit);
        return result;
    }

    private static void Consume(IUnitOfWork unit, InboxEntry entry)
    {
        if (entry.Seq > 0)
        {
            HubStore.RemoveInbox(unit, entry.Seq);
        }

        entry.Held?.Writes?.Invoke(unit);
        EnlistedWriteException.Guard(entry, entry.Held?.Enlisted, unit);
    }

    private void Continue(IUnitOfWork unit, InstanceRow row, bool isNew, CommittedTurn result)
    {
        if (!isNew)
        {
            rows.Update(unit, row);
        }

        rows.AppendHistory(unit, row.Key, plan.History);
        if (row.IsEnded)
        {
            HubStore.DropPending(unit, row.Key);
            return;
        }

        foreach (var activity in plan.Activities)
        {
            rows.AddActivity(unit, row.Key, activity);
        }

        foreach (var (task, fireAt) in plan.Timers)
        {
            HubStore.AddTimer(unit, row.Key, task, fireAt);
        }

        foreach (var refusal in plan.Refusals)
        {
            result.Inbox.Add(new(refusal, rows.AppendInbox(unit, row.Key, refusal), null));
        }
    }

    private void StartOver(IUnitOfWork unit, InstanceRow row, List<HistoryEvent> restart, CommittedTurn result)
    {
        rows.StartOver(unit, row);
        rows.Update(unit, row);
        foreach (var one in restart.Concat(kept))
        {
            result.Inbox.Add(new(one, rows.AppendInbox(unit, row.Key, one), null));
        }
    }

    private void StartChild(IUnitOfWork unit, InstanceRow parent, CreateChildWorkflowAction child, int step, CommittedTurn result)
    {
        var now = parent.Updated;
        if (rows.Find(unit, child.InstanceId) is { } existing)
        {
            if (!existing.IsEnded)
            {
                var refused = new HistoryEvent
                {
                    EventId = -1,
                    Timestamp = Timestamp.FromDateTimeOffset(now),
                    ChildWorkflowInstanceFailed = new()
                    {
                        TaskScheduledId = step,
                        FailureDetails = new() { ErrorType = "AlreadyExists", ErrorMessage = $"an active orchestration with id '{child.InstanceId}' exists; choose another id for the child" },
                    },
                };
                rows.AppendInbox(unit, parent.Key, refused);
                result.Wake.Add(parent.Id);
                return;
            }

            HubStore.Remove(unit, existing.Key);
        }

        var started = rows.Insert(unit, new()
        {
            Id = child.InstanceId,
            ExecutionId = Guid.NewGuid().ToString("N"),
            Name = child.Name,
            Version = child.Version,
            Input = child.Input,
            Created = now,
            Updated = now,
            ParentKey = parent.Key,
            Parent = new() { TaskScheduledId = step, Name = parent.Name, WorkflowInstance = new() { InstanceId = parent.Id, ExecutionId = parent.ExecutionId } },
        });
        rows.AppendInbox(unit, started.Key, InstanceStart.Event(started, plan.Trace));
        result.Wake.Add(child.InstanceId);
    }

    private void Send(IUnitOfWork unit, string target, HistoryEvent message, CommittedTurn result)
    {
        if (rows.Find(unit, target) is not { IsEnded: false } receiver)
        {
            return; // as a letter to a closed house: SendEvent promises delivery to living instances only
        }

        var answersFormerExecution = message.EventRaised is null && plan.Row.Parent?.WorkflowInstance.ExecutionId != receiver.ExecutionId;
        if (!answersFormerExecution)
        {
            rows.Mail(unit, receiver.Key, message);
            result.Wake.Add(target);
        }
    }

    private void TerminateChildren(IUnitOfWork unit, InstanceRow row, CommittedTurn result)
    {
        foreach (var child in rows.Children(unit, row.Key).Where(child => !child.IsEnded))
        {
            rows.Mail(unit, child.Key, new()
            {
                EventId = -1,
                Timestamp = Timestamp.FromDateTimeOffset(row.Updated),
                ExecutionTerminated = new() { Recurse = true },
            });
            result.Wake.Add(child.Id);
        }
    }
}

/// <summary>What a commit produced.</summary>
internal sealed record CommittedTurn(InstanceRow Row)
{
    /// <summary>Events of the next execution.</summary>
    public List<InboxEntry> Inbox { get; } = [];

    /// <summary>Instances whose inbox got something.</summary>
    public HashSet<string> Wake { get; } = [];
}

/// <summary>A write that somebody enlisted threw; the unit was rolled back.</summary>
internal sealed class EnlistedWriteException(InboxEntry? entry, Exception cause) : Exception(cause.Message, cause)
{
    /// <summary>Whose write it was; null for the observer's.</summary>
    public InboxEntry? Entry { get; } = entry;

    public Exception Cause { get; } = cause;

    public static void Guard(InboxEntry? entry, Action<IUnitOfWork>? writes, IUnitOfWork unit)
    {
        try
        {
            writes?.Invoke(unit);
        }
        catch (Exception cause) when (cause is not (StoreUnavailableException or StoreFencedException or StoreOutcomeUnknownException))
        {
            throw new EnlistedWriteException(entry, cause);
        }
    }
}
