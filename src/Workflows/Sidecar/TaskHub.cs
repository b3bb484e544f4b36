using System.Runtime.ExceptionServices;
using Castellan.Storage;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Castellan.Workflows.Sidecar;
using Castellan.Workflows.Sidecar.Replicas;
using Castellan.Workflows.Worker;

namespace Castellan.Workflows;

/// <summary>One hub of the embedded sidecar: its instances are seen, completed, raised and read through it and through no other.</summary>
/// <example>
/// <code>
/// var hub = sidecar.Hub("gateway");
/// hub.ObserveTurns(turn =&gt; { if (turn.Activities.Any(a =&gt; a.Name == "Effect")) turn.Enlist(unit =&gt; audit.Append(unit, Intent(turn))); });
/// services.AddDaprWorkflow(options =&gt; options.RegisterWorkflow&lt;Call&gt;()).UseInMemory(hub);
/// await hub.StartAsync("Call", callId, input, unit =&gt; audit.Append(unit, accepted), ct); // one commit: accepted, first turn, observer's writes
/// var state = await hub.CreateClient().WaitForWorkflowCompletionAsync(callId);
/// </code>
/// </example>
public sealed class TaskHub
{
    private static readonly WorkflowJson Json = new();
    private readonly HubCore _core;
    private readonly TurnExchange _turns;
    private readonly InstanceDelivery _delivery;
    private readonly InstanceControl _control;

    internal TaskHub(HubCore core)
    {
        _core = core;
        _turns = new(core);
        _delivery = new(core);
        _control = new(core, _delivery, _turns);
        Shared = new(core, _turns);
        core.OnTimer(due => due.Task switch
        {
            DueTimer.Retry => _turns.WakeAsync([due.InstanceId]),
            DueTimer.ScheduledStart => _delivery.StartScheduledAsync(due),
            _ => _delivery.FireAsync(due),
        });
    }

    /// <summary>Unique in the sidecar; for agents their SPIFFE ID.</summary>
    public string Name => _core.Name;

    internal InstanceControl Control => _control;

    internal SharedHub Shared { get; }

    internal TimeProvider Clock => _core.Options.Clock;

    /// <summary>Sets the observer that is shown every turn before its commit, on the thread that commits. One for a hub; set it before work begins.</summary>
    /// <exception cref="InvalidOperationException">The hub has one.</exception>
    public void ObserveTurns(Action<CommittingTurn> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (_core.Observer is not null)
        {
            throw new InvalidOperationException($"hub '{Name}' has a turn observer; let that one do both");
        }

        _core.Observer = observer;
    }

    /// <summary>Lists instances, the newest first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The page size is not 1 to 1,000.</exception>
    public Task<InstancePage> QueryAsync(InstanceQuery query, CancellationToken ct) => _control.QueryAsync(query, ct);

    /// <summary>The history of an instance, for people to read.</summary>
    /// <exception cref="Rpc.RpcException">NotFound: no such instance.</exception>
    public async Task<IReadOnlyList<TimelineEntry>> ReadTimelineAsync(string instanceId, CancellationToken ct) =>
        Timeline.Of((await _control.HistoryAsync(new() { InstanceId = instanceId }, ct).ConfigureAwait(false)).Events);

    /// <summary>Removes instances with their histories, in small batches.</summary>
    /// <returns>How many were removed.</returns>
    public Task<int> PurgeAsync(InstancePurgeFilter filter, CancellationToken ct) => _control.PurgeAsync(filter, ct);

    /// <summary>A client of this hub, in process.</summary>
    public DaprWorkflowClient CreateClient() => new(_control, Json);

    /// <summary>Starts an orchestration; <paramref name="enlist"/> is committed together with the start (and, with a worker in this process, the first turn).</summary>
    /// <param name="workflow">Registered name.</param>
    /// <param name="instanceId">Unique in the hub.</param>
    /// <param name="input">Serialised to JSON.</param>
    /// <param name="enlist">Writes of the caller, or <see langword="null"/>. If they throw, nothing is started and their exception is thrown.</param>
    /// <param name="ct">Ends the wait; the start may become durable all the same.</param>
    /// <param name="trace">The trace that its spans belong to, kept with it; none starts traces of their own.</param>
    /// <exception cref="Rpc.RpcException">AlreadyExists: an instance with this id is active.</exception>
    /// <exception cref="StoreUnavailableException">Nothing was written; try again.</exception>
    public async Task StartAsync(string workflow, string instanceId, object? input, Action<IUnitOfWork>? enlist, CancellationToken ct, System.Diagnostics.ActivityContext trace = default)
    {
        try
        {
            var request = new CreateInstanceRequest { Name = workflow, InstanceId = instanceId, Input = Json.Write(input), ParentTraceContext = WorkflowTrace.Of(trace) };
            await _control.StartAsync(request, enlist, ct).ConfigureAwait(false);
        }
        catch (EnlistedWriteException error)
        {
            ExceptionDispatchInfo.Throw(error.Cause);
        }
    }

    /// <summary>Raises an event on an instance; <paramref name="enlist"/> is committed together with it.</summary>
    /// <exception cref="Rpc.RpcException">NotFound: no such instance, or it has ended; <paramref name="enlist"/> was committed all the same.</exception>
    public async Task RaiseEventAsync(string instanceId, string eventName, object? payload, Action<IUnitOfWork>? enlist, CancellationToken ct)
    {
        try
        {
            await _control.RaiseEventAsync(new RaiseEventRequest { InstanceId = instanceId, Name = eventName, Input = Json.Write(payload) }, enlist, ct).ConfigureAwait(false);
        }
        catch (EnlistedWriteException error)
        {
            ExceptionDispatchInfo.Throw(error.Cause);
        }
    }

    internal int OutstandingActivities => _core.Activities.Count;

    internal Task CompleteAsync(WorkflowResponse response) => _turns.CompleteAsync(response);

    internal Task CompleteAsync(ActivityOutcome outcome, CancellationToken ct) => _delivery.CompleteAsync(outcome, ct);

    /// <summary>Takes up what was pending when the store was opened.</summary>
    internal async Task RecoverAsync(CancellationToken ct)
    {
        var backlog = await _core.Rows.BacklogAsync(ct).ConfigureAwait(false);
        _core.Adopt(new(backlog.Activities, backlog.Timers));
        await _turns.WakeAsync(backlog.Inboxes).ConfigureAwait(false);
        _core.Log.Opened(backlog.Inboxes.Count, backlog.Activities.Count, backlog.Timers.Count);
    }

    /// <summary>Serves one attached worker until the token ends it; then its unanswered items are delivered again.</summary>
    internal async Task ServeAsync(WorkerStream stream, Func<Turn, Task> sendTurn, Func<ActivityCall, Task> sendActivity, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _core.AddWorker(stream.IsLocal);
        _core.ReadyTurns.Attach(stream);
        _core.Log.Attached(stream.IsLocal);
        try
        {
            await new StatusChanges(_core).ResumeStalledAsync(ct).ConfigureAwait(false);
            var turns = UntilEndAsync(PumpTurnsAsync(stream, sendTurn, ended.Token), ended);
            var activities = UntilEndAsync(PumpActivitiesAsync(stream, sendActivity, ended.Token), ended);
            await Task.WhenAll(turns, activities).ConfigureAwait(false);
        }
        finally
        {
            await DetachAsync(stream, ended).ConfigureAwait(false);
        }
    }

    /// <summary>Gives to others what was not answered within its lease.</summary>
    internal async Task EndLeasesAsync()
    {
        try
        {
            await EndAllLeasesAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _core.Log.LeasesDelayed(error); // the next second looks again
        }
    }

    private async Task EndAllLeasesAsync()
    {
        _core.ReadyTurns.Spread();
        _core.Withdrawn.RemoveAll(slot => slot.HasExpired);
        foreach (var (instanceId, slot) in _core.TurnsInFlight)
        {
            if (!slot.HasExpired)
            {
                continue;
            }

            slot.Stream.IsSilent = true;
            if (await _turns.ReturnAsync(instanceId, slot).ConfigureAwait(false))
            {
                _core.Log.LeaseEnded(instanceId, -1);
            }
        }

        foreach (var activity in _core.Activities.All)
        {
            if (activity.Slot is { HasExpired: true } slot && _core.Activities.Return(activity, slot))
            {
                _core.Log.LeaseEnded(activity.InstanceId, activity.Request.TaskId);
            }
        }
    }

    /// <summary>Purges what ended before a time.</summary>
    internal async Task RetireAsync(DateTimeOffset before, CancellationToken ct)
    {
        try
        {
            if (await _control.PurgeEndedAsync(before, ct).ConfigureAwait(false) is > 0 and var count)
            {
                _core.Log.Retired(count, before);
            }
        }
        catch (StoreException error)
        {
            _core.Log.RetentionDelayed(error.Message);
        }
    }

    internal ValueTask CloseAsync() => _core.DisposeAsync();

    private static async Task UntilEndAsync(Task pump, CancellationTokenSource ended)
    {
        try
        {
            await pump.ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false); // one direction lost is the stream lost
        }
    }

    private async Task PumpTurnsAsync(WorkerStream stream, Func<Turn, Task> send, CancellationToken ct)
    {
        while (true)
        {
            await stream.TurnCredit.WaitAsync(ct).ConfigureAwait(false);
            await _core.Ownership.UntilAliveAsync(ct).ConfigureAwait(false);
            var instanceId = await _core.ReadyTurns.NextAsync(stream, ct).ConfigureAwait(false);
            if (await TakeAsync(instanceId, stream).ConfigureAwait(false) is { } turn)
            {
                await send(turn).ConfigureAwait(false);
            }
            else
            {
                stream.TurnCredit.Release();
            }
        }
    }

    private async Task<Turn?> TakeAsync(string instanceId, WorkerStream stream)
    {
        try
        {
            return await _turns.TakeAsync(instanceId, stream).ConfigureAwait(false);
        }
        catch (StoreException error)
        {
            _core.Log.WakeDelayed(instanceId, error.Message);
            _core.RetryLater(instanceId);
            return null;
        }
    }

    private async Task PumpActivitiesAsync(WorkerStream stream, Func<ActivityCall, Task> send, CancellationToken ct)
    {
        while (true)
        {
            await stream.ActivityCredit.WaitAsync(ct).ConfigureAwait(false);
            await _core.Ownership.UntilAliveAsync(ct).ConfigureAwait(false);
            var activity = await _core.Activities.Ready.Reader.ReadAsync(ct).ConfigureAwait(false);
            if (!_core.Ownership.IsAlive)
            {
                _core.Activities.Ready.Writer.TryWrite(activity); // it may be another's by now; the next look tells
                stream.ActivityCredit.Release();
                continue;
            }

            if (activity.TryTake(stream.ActivitySlot(), _core.Ownership.NewToken()) is { } call)
            {
                await send(call).ConfigureAwait(false);
            }
            else
            {
                stream.ActivityCredit.Release();
            }
        }
    }

    private async Task DetachAsync(WorkerStream stream, CancellationTokenSource ended)
    {
        await ended.CancelAsync().ConfigureAwait(false);
        _core.ReadyTurns.Detach(stream);
        _core.Withdrawn.RemoveAll(slot => slot.Stream == stream);
        _core.RemoveWorker(stream.IsLocal);
        var turns = 0;
        foreach (var (instanceId, slot) in _core.TurnsInFlight)
        {
            turns += slot.Stream == stream && await _turns.ReturnAsync(instanceId, slot).ConfigureAwait(false) ? 1 : 0;
        }

        var activities = _core.Activities.All.Count(activity => activity.Slot is { } slot && slot.Stream == stream && _core.Activities.Return(activity, slot));
        if (!_core.HasLocalWorker)
        {
            foreach (var instanceId in _core.Holding.Keys)
            {
                using var lease = await _core.Instances.AcquireAsync(instanceId, CancellationToken.None).ConfigureAwait(false);
                await HeldEvents.StoreAsync(_core, lease.Instance).ConfigureAwait(false);
                _core.Holding.TryRemove(instanceId, out _);
                _core.MarkReady(lease.Instance);
            }
        }

        _core.Log.Detached(turns, activities);
    }
}
