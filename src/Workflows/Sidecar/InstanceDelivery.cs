using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Castellan.Workflows.Sidecar.Replicas;
using Castellan.Workflows.Worker;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar;

/// <summary>Brings events to instances: durable when the method returns, stored alone or together with the turn they cause.</summary>
internal sealed class InstanceDelivery(HubCore core)
{
    /// <param name="instanceId">The receiver.</param>
    /// <param name="executionId">Only this execution wants it; null: any.</param>
    /// <param name="one">The event.</param>
    /// <param name="writes">Writes that belong to it; those of the one who brings it are made even when the instance has ended.</param>
    /// <param name="ct">Ends the wait; the event may become durable all the same.</param>
    /// <returns>False when nobody wants it any more.</returns>
    public async Task<bool> DeliverAsync(string instanceId, string? executionId, HistoryEvent one, EventWrites writes, CancellationToken ct)
    {
        HeldCommit? held = null;
        using (var lease = await core.Instances.AcquireAsync(instanceId, ct).ConfigureAwait(false))
        {
            var instance = lease.Instance;
            if (executionId is null && instance.Row is { IsForeign: true, IsEnded: false, Key: var foreign })
            {
                await core.Rows.WriteAsync(unit =>
                {
                    EnlistedWriteException.Guard(null, writes.Enlisted, unit);
                    core.Rows.Mail(unit, foreign, one);
                }, ct).ConfigureAwait(false);
                return true;
            }

            if (instance.Row is not { IsEnded: false, IsForeign: false } row || (executionId is not null && row.ExecutionId != executionId))
            {
                if (writes.Enlisted is not null)
                {
                    await core.Rows.WriteAsync(unit => EnlistedWriteException.Guard(null, writes.Enlisted, unit), ct).ConfigureAwait(false);
                }

                return false;
            }

            if (row.Key == 0 || MayHold(row, one))
            {
                held = core.TryHold(instance, owed => new(one, null, owed), new(writes.Own is null ? null : unit => writes.Own(unit, instance.Row!.Key), writes.Enlisted));
            }

            if (held is null)
            {
                await HeldEvents.StoreAsync(core, instance).ConfigureAwait(false); // keeps the order of arrival
                if (instance.Row is not { Key: > 0 and var key })
                {
                    throw new RpcException(StatusCode.Unavailable, $"the start of '{instanceId}' is not stored yet; try again");
                }

                var seq = await core.WriteAsync(instance, unit =>
                {
                    var isWanted = writes.Own?.Invoke(unit, key) ?? true;
                    EnlistedWriteException.Guard(null, writes.Enlisted, unit);
                    return isWanted ? core.Rows.AppendInbox(unit, key, one) : null;
                }, ct).ConfigureAwait(false);
                if (seq is null)
                {
                    return false; // it was brought before
                }

                instance.Inbox.Add(new(one, seq, null));
                core.MarkReady(instance);
                return true;
            }
        }

        await held.Done.WaitAsync(ct).ConfigureAwait(false);
        return true;
    }

    /// <summary>Takes the result of an activity; a stale one changes nothing.</summary>
    public async Task CompleteAsync(ActivityOutcome outcome, CancellationToken ct)
    {
        var response = outcome.Response;
        var token = response.CompletionToken;
        var isWithdrawn = token.Length == 0 && core.Withdrawn.TryTake(response.InstanceId, response.TaskId, token);
        if (isWithdrawn || core.Activities.Find(response.InstanceId, response.TaskId) is not { } activity || !activity.TryComplete(token))
        {
            // The execution ended meanwhile: the result is of no use, but what the activity of this process enlisted has happened.
            if (core.Withdrawn.TryTake(response.InstanceId, response.TaskId, token) && outcome.Writes is { } writes)
            {
                await core.Rows.WriteAsync(unit => EnlistedWriteException.Guard(null, writes, unit), ct).ConfigureAwait(false);
                return;
            }

            if (!await core.Ownership.ForwardAsync(response.InstanceId, token, AnswerKind.Activity, response, ct).ConfigureAwait(false))
            {
                core.Log.StaleActivity(response.InstanceId, response.TaskId);
            }

            return;
        }

        try
        {
            // Not withdrawn with the caller: the event may be in a turn's hands already, and only its commit says what became of it.
            await DeliverResultAsync(activity, response, outcome.Writes, CancellationToken.None).ConfigureAwait(false);
            core.Activities.Remove(activity);
        }
        catch
        {
            activity.CompletionFailed();
            throw;
        }
    }

    /// <summary>A timer is due.</summary>
    public async Task FireAsync(DueTimer due)
    {
        var fired = new HistoryEvent
        {
            EventId = -1,
            Timestamp = Timestamp.FromDateTimeOffset(core.Now),
            TimerFired = new() { TimerId = due.Task, FireAt = Timestamp.FromDateTimeOffset(due.FireAt) },
        };
        await DeliverAsync(due.InstanceId, due.ExecutionId, fired, new((unit, key) => HubStore.RemoveTimer(unit, key, due.Task), null), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The time of a scheduled start has come.</summary>
    public async Task StartScheduledAsync(DueTimer due)
    {
        using var lease = await core.Instances.AcquireAsync(due.InstanceId, CancellationToken.None).ConfigureAwait(false);
        if (lease.Instance.Row is { IsEnded: false, IsForeign: false } row && row.ExecutionId == due.ExecutionId)
        {
            await core.WriteAsync(lease.Instance, unit => HubStore.RemoveTimer(unit, row.Key, due.Task), CancellationToken.None).ConfigureAwait(false);
        }

        core.MarkReady(lease.Instance);
    }

    private async Task DeliverResultAsync(OutstandingActivity activity, ActivityResponse response, Action<IUnitOfWork>? enlisted, CancellationToken ct)
    {
        var one = new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTimeOffset(core.Now) };
        var key = activity.Request.TaskExecutionId;
        if (response.FailureDetails is { } failure)
        {
            one.TaskFailed = new() { TaskScheduledId = response.TaskId, FailureDetails = failure, TaskExecutionId = key };
        }
        else
        {
            one.TaskCompleted = new() { TaskScheduledId = response.TaskId, Result = response.Result, TaskExecutionId = key };
        }

        try
        {
            await DeliverAsync(response.InstanceId, activity.ExecutionId, one, new((unit, row) => RemoveActivity(unit, row, response.TaskId), enlisted), ct).ConfigureAwait(false);
        }
        catch (EnlistedWriteException error)
        {
            core.Log.EnlistedWriteFailed(response.InstanceId, error.Cause);
            var details = Failure.From(error.Cause);
            details.IsNonRetriable = true;
            await DeliverResultAsync(activity, new() { InstanceId = response.InstanceId, TaskId = response.TaskId, FailureDetails = details }, null, ct).ConfigureAwait(false);
        }
    }

    // Who completes it has taken it off the board, which holds it once: it need not be asked whether its row is there.
    private static bool RemoveActivity(IUnitOfWork unit, long key, int task)
    {
        HubStore.RemoveActivity(unit, key, task);
        return true;
    }

    // A timer that several replicas had in memory may come twice: its row in the store tells, so it is asked first.
    private bool MayHold(InstanceRow row, HistoryEvent one) => !(core.Ownership.IsShared && one.TimerFired is not null)
        && row.Status is not (OrchestrationStatus.Suspended or OrchestrationStatus.Stalled) && (row.Scheduled is not { } start || row.Started is not null || start <= core.Now);
}

/// <summary>Writes that belong to an event.</summary>
/// <param name="Own">The engine's, given the instance's key; false when the event was brought before.</param>
/// <param name="Enlisted">Those of the one who brings it.</param>
internal readonly record struct EventWrites(Func<IUnitOfWork, long, bool>? Own, Action<IUnitOfWork>? Enlisted);
