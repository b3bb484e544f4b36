using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Castellan.Workflows.Sidecar.Replicas;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar;

/// <summary>Gives turns to workers and commits their answers. Nothing that a turn asks for is released before it is durable.</summary>
internal sealed class TurnExchange(HubCore core)
{
    private readonly StatusChanges _status = new(core);

    /// <summary>Builds the next turn of an instance for a stream; null when there is nothing to do.</summary>
    public async Task<Turn?> TakeAsync(string instanceId, WorkerStream stream)
    {
        using var lease = await core.Instances.AcquireAsync(instanceId, CancellationToken.None).ConfigureAwait(false);
        var instance = lease.Instance;
        instance.Queued = false;
        if (!instance.IsReady(core.Now))
        {
            return null;
        }

        if (!core.Ownership.IsAlive)
        {
            core.RetryLater(instanceId); // it may be another's by now
            return null;
        }

        var entries = instance.Inbox.ToList();
        List<HistoryEvent> events = [new() { EventId = -1, Timestamp = Timestamp.FromDateTimeOffset(TurnTime(instance)), WorkflowStarted = new() }];
        events.AddRange(entries.Select(entry => entry.Event));
        var bytes = stream.MaxHistoryBytes < long.MaxValue ? instance.History.WireBytes + events.Sum(one => (long)one.CalculateSize()) : 0;
        if (bytes > stream.MaxHistoryBytes)
        {
            await _status.StallAsync(instance, StallReason.TooLong(bytes, stream.MaxHistoryBytes)).ConfigureAwait(false);
            return null;
        }

        var slot = stream.TurnSlot();
        instance.Turn = new(core.Ownership.NewToken(), entries, events, slot);
        core.TurnsInFlight[instanceId] = slot;
        return new(instanceId, instance.Row!.ExecutionId, instance.History.View(), events, instance.Turn.Token) { PastBytes = instance.History.WireBytes };
    }

    // An orchestration's time does not run backwards, whatever is done to the clock.
    private DateTimeOffset TurnTime(Instance instance) => instance.Row!.Updated is var last && last > core.Now ? last : core.Now;

    /// <summary>Commits what a worker answered; a stale answer changes nothing.</summary>
    public async Task CompleteAsync(WorkflowResponse response)
    {
        HashSet<string>? wake = null;
        using (var lease = await core.Instances.AcquireAsync(response.InstanceId, CancellationToken.None).ConfigureAwait(false))
        {
            var instance = lease.Instance;
            TurnAnswer.Check(response);
            var token = response.CompletionToken;
            var isStale = (token.Length == 0 || token != instance.Turn?.Token) && core.Withdrawn.TryTake(response.InstanceId, WithdrawnItems.Turn, token);
            if (isStale || instance.Turn is not { } turn || (token.Length > 0 && token != turn.Token))
            {
                if (isStale || !await core.Ownership.ForwardAsync(response.InstanceId, token, AnswerKind.Turn, response, CancellationToken.None).ConfigureAwait(false))
                {
                    core.Log.StaleTurn(response.InstanceId);
                }

                return;
            }

            turn.Slot.End();
            turn.Slot.Stream.IsSilent = false;
            core.TurnsInFlight.TryRemove(new(response.InstanceId, turn.Slot));
            if (StallReason.Of(instance, response) is { } reason)
            {
                instance.Turn = null;
                await _status.StallAsync(instance, reason).ConfigureAwait(false);
                return;
            }

            wake = await CommitAsync(instance, turn, response).ConfigureAwait(false);
            await HeldEvents.SettleAsync(core, instance).ConfigureAwait(false);
        }

        await WakeAsync(wake).ConfigureAwait(false);
    }

    /// <summary>Takes a turn back from a worker that is gone or too slow.</summary>
    public async Task<bool> ReturnAsync(string instanceId, DeliverySlot slot)
    {
        using var lease = await core.Instances.AcquireAsync(instanceId, CancellationToken.None).ConfigureAwait(false);
        slot.End();
        core.TurnsInFlight.TryRemove(new(instanceId, slot));
        if (lease.Instance.Turn?.Slot != slot)
        {
            return false;
        }

        lease.Instance.Turn = null;
        core.MarkReady(lease.Instance);
        await HeldEvents.SettleAsync(core, lease.Instance).ConfigureAwait(false);
        return true;
    }

    /// <summary>Ends an instance now, without a worker.</summary>
    public async Task<bool> TerminateAsync(string instanceId, string? output, bool recurse, CancellationToken ct)
    {
        HashSet<string>? wake;
        using (var lease = await core.Instances.AcquireAsync(instanceId, ct).ConfigureAwait(false))
        {
            if (lease.Instance.Row is not { } row)
            {
                return false;
            }

            if (row.IsEnded)
            {
                return true;
            }

            if (row.IsForeign)
            {
                var end = new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTimeOffset(core.Now), ExecutionTerminated = new() { Input = output, Recurse = recurse } };
                await ForeignInstance.MailAsync(core, row, end, ct).ConfigureAwait(false);
                wake = null;
            }
            else
            {
                wake = await TerminateAsync(lease.Instance, output, recurse).ConfigureAwait(false);
            }
        }

        if (wake is null)
        {
            await ForeignInstance.UntilAsync(core, instanceId, row => row.IsEnded, ct).ConfigureAwait(false);
            return true;
        }

        await WakeAsync(wake).ConfigureAwait(false);
        return true;
    }

    /// <summary>Begins an instance with another's history.</summary>
    /// <exception cref="RpcException">AlreadyExists: there is an instance of this id.</exception>
    public async Task ForkAsync(TurnPlan plan, CancellationToken ct)
    {
        HashSet<string> wake;
        using (var lease = await core.Instances.AcquireAsync(plan.Row.Id, ct).ConfigureAwait(false))
        {
            var instance = lease.Instance;
            if (instance.Row is not null)
            {
                throw new RpcException(StatusCode.AlreadyExists, $"a workflow with ID '{instance.Id}' already exists; choose another id, or purge it");
            }

            var (committed, consumed) = await StoreAsync(instance, plan, [], observe: true, isFirst: true).ConfigureAwait(false);
            Apply(instance, plan, committed, consumed);
            wake = committed.Wake;
        }

        await WakeAsync(wake).ConfigureAwait(false);
    }

    /// <summary>Looks for events that others put into the inboxes of these instances.</summary>
    public async Task WakeAsync(IEnumerable<string>? instanceIds)
    {
        var queue = new Queue<string>(instanceIds ?? []);
        while (queue.TryDequeue(out var id))
        {
            try
            {
                foreach (var next in await WakeAsync(id).ConfigureAwait(false))
                {
                    queue.Enqueue(next);
                }
            }
            catch (StoreException error)
            {
                core.Log.WakeDelayed(id, error.Message);
                core.RetryLater(id);
            }
        }
    }

    private async Task<IEnumerable<string>> WakeAsync(string id)
    {
        using var lease = await core.Instances.AcquireAsync(id, CancellationToken.None).ConfigureAwait(false);
        var instance = lease.Instance;
        if (instance.Row is not { IsEnded: false, IsForeign: false, Key: > 0 } row)
        {
            return [];
        }

        var stored = await core.Rows.ReadAsync(view => core.Rows.Inbox(view, row.Key), CancellationToken.None).ConfigureAwait(false);
        var known = instance.Inbox.Select(entry => entry.Seq).ToHashSet();
        instance.Inbox.AddRange(stored.Where(entry => !known.Contains(entry.Seq)));
        if (instance.Inbox.Find(entry => entry.Event.ExecutionTerminated is not null) is { } terminated)
        {
            var end = terminated.Event.ExecutionTerminated;
            return await TerminateAsync(instance, end.Input, end.Recurse).ConfigureAwait(false);
        }

        if (_status.Mailed(instance) is { } status && status != instance.Row.Status)
        {
            await _status.SetAsync(instance, instance.Row with { Status = status, Updated = core.Now }).ConfigureAwait(false);
        }

        core.MarkReady(instance);
        return [];
    }

    private async Task<HashSet<string>> TerminateAsync(Instance instance, string? output, bool recurse)
    {
        core.WithdrawTurn(instance);
        try
        {
            var plan = TurnPlan.Terminate(instance.Row!, output, recurse, core.Now);
            var (committed, consumed) = await StoreAsync(instance, plan, [], observe: true, isFirst: instance.History.Count == 0).ConfigureAwait(false);
            Apply(instance, plan, committed, consumed);
            return committed.Wake;
        }
        catch
        {
            core.MarkReady(instance); // it lives on
            throw;
        }
    }

    private async Task<HashSet<string>?> CommitAsync(Instance instance, TurnInFlight turn, WorkflowResponse response)
    {
        var again = core.Ownership.IsShared;
        for (var observe = true; ;)
        {
            try
            {
                var plan = TurnPlan.From(instance.Row!, instance.History, turn.NewEvents, response, core.Now);
                var (committed, consumed) = await StoreAsync(instance, plan, turn.Entries, observe, isFirst: instance.History.Count == 0).ConfigureAwait(false);
                instance.Turn = null;
                Apply(instance, plan, committed, consumed);
                return committed.Wake;
            }
            catch (EnlistedWriteException error) when (error.Entry is { } entry)
            {
                core.Log.EnlistedWriteFailed(instance.Id, error.Cause);
                instance.Turn = null;
                HeldEvents.Refuse(instance, entry, error.Cause);
                core.MarkReady(instance);
                return null;
            }
            catch (EnlistedWriteException error)
            {
                core.Log.EnlistedWriteFailed(instance.Id, error.Cause);
                response = FailedBecause(error.Cause, response.InstanceId);
                observe = false;
            }
            catch (StoreConflictException) when (again)
            {
                again = false; // another replica may have started this instance, or the same child: look once more
            }
            catch (StoreConflictException error) when (observe && (instance.Row is { Key: > 0 } || !core.Ownership.IsShared))
            {
                core.Log.TurnNotCommitted(instance.Id, error); // the worker numbered its steps so that they cannot be told apart
                response = FailedBecause(error, response.InstanceId);
                observe = false;
            }
            catch (StoreException error)
            {
                core.Log.TurnNotCommitted(instance.Id, error);
                instance.Turn = null;
                HeldEvents.Fail(instance, error);
                core.Holding.TryRemove(instance.Id, out _);
                core.RetryLater(instance.Id);
                return null;
            }
        }
    }

    private static WorkflowResponse FailedBecause(Exception error, string instanceId)
    {
        var response = new WorkflowResponse { InstanceId = instanceId };
        response.Actions.Add(new WorkflowAction { CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Failed, FailureDetails = Failure.From(error) } });
        return response;
    }

    private async Task<(CommittedTurn Committed, IReadOnlyList<InboxEntry> Consumed)> StoreAsync(
        Instance instance, TurnPlan plan, IReadOnlyList<InboxEntry> entries, bool observe, bool isFirst)
    {
        // An execution that ends or starts over leaves nothing behind: what came meanwhile goes with it, but the writes owed for it are kept.
        var consumed = plan.Row.IsEnded || plan.Restart is not null ? instance.Inbox.ToList() : entries;
        var kept = plan.Restart is null ? [] : consumed.Except(entries).Select(entry => entry.Event).Where(one => one.EventRaised is not null).ToList();
        var observed = observe ? Observe(plan, isFirst) : null;
        var writes = new TurnWrites(core.Rows, plan, consumed, kept, observed);
        return (await core.WriteAsync(instance, writes.Apply, CancellationToken.None).ConfigureAwait(false), consumed);
    }

    private Action<IUnitOfWork>? Observe(TurnPlan plan, bool isFirst)
    {
        if (core.Observer is not { } observer)
        {
            return null;
        }

        var turn = new CommittingTurn(plan.Row.Id, plan.Row.Name, plan.Row.Input)
        {
            IsFirst = isFirst,
            Status = (WorkflowRuntimeStatus)(int)plan.Row.Status,
            OutputJson = plan.Row.Output,
            Activities = [.. plan.Activities.Select(activity => new ScheduledActivity(activity.Name, activity.TaskId, activity.Input))],
        };
        try
        {
            observer(turn);
        }
        catch (Exception error)
        {
            throw new EnlistedWriteException(null, error);
        }

        return turn.Writes;
    }

    // Durable now: memory follows, then what was asked for is released.
    private void Apply(Instance instance, TurnPlan plan, CommittedTurn committed, IReadOnlyList<InboxEntry> consumed)
    {
        var former = instance.Row;
        instance.Row = committed.Row;
        instance.Inbox.RemoveRange(0, consumed.Count);
        if (!instance.HasHeld)
        {
            core.Holding.TryRemove(instance.Id, out _);
        }

        if (plan.Restart is not null || committed.Row.IsEnded)
        {
            core.Activities.RemoveAll(instance.Id, instance.History.View());
            core.Timers.Drop(instance.Id, (former ?? committed.Row).ExecutionId);
            instance.History.Clear();
        }

        if (!committed.Row.IsEnded)
        {
            instance.History.Append(plan.History);
            instance.Inbox.AddRange(committed.Inbox);
            foreach (var activity in plan.Activities)
            {
                core.Activities.Add(committed.Row.ExecutionId, activity);
            }

            foreach (var (task, fireAt) in plan.Timers)
            {
                core.Timers.Add(new(fireAt, instance.Id, committed.Row.ExecutionId, task));
            }
        }

        foreach (var entry in consumed)
        {
            entry.Held?.Committed();
        }

        core.MarkReady(instance);
        core.Board.Publish(instance.Id, committed.Row);
    }
}
