using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Sidecar.Replicas;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar;

/// <summary>What clients may do with the instances of a hub. Errors are <see cref="RpcException"/>s, in process as over gRPC.</summary>
internal sealed class InstanceControl(HubCore core, InstanceDelivery delivery, TurnExchange turns) : ITaskHubClient
{
    private const int MaxIdLength = 512;

    private readonly InstanceCatalog _catalog = new(core);
    private readonly InstancePurge _purge = new(core);
    private readonly InstanceRerun _rerun = new(core, turns);

    public Task<CreateInstanceResponse> StartAsync(CreateInstanceRequest request, CancellationToken ct) => StartAsync(request, null, ct);

    public async Task<CreateInstanceResponse> StartAsync(CreateInstanceRequest request, Action<IUnitOfWork>? enlisted, CancellationToken ct)
    {
        if (request.Name.Length == 0 || request.InstanceId.Length > MaxIdLength)
        {
            throw new RpcException(StatusCode.InvalidArgument, $"a start needs the orchestration's name and an instance id of at most {MaxIdLength} characters");
        }

        var id = request.InstanceId.Length > 0 ? request.InstanceId : Guid.NewGuid().ToString("N");
        HeldCommit? held = null;
        using (var lease = await core.Instances.AcquireAsync(id, ct).ConfigureAwait(false))
        {
            var instance = lease.Instance;
            await EnsureFreeAsync(instance, request.EnforceUniqueInstanceId, ct).ConfigureAwait(false);
            var former = instance.Row?.Key;
            var row = NewRow(id, request);
            var started = InstanceStart.Event(row, request.ParentTraceContext);
            Action<IUnitOfWork>? remove = former is { } key ? unit => HubStore.Remove(unit, key) : null;
            if (row.Scheduled is null)
            {
                instance.Row = row;
                instance.History.Clear();
                instance.Inbox.Clear();
                held = core.TryHold(instance, owed => new(started, null, owed), new(remove, enlisted));
            }

            if (held is null)
            {
                await StartedAsync(id, StoreStartAsync(instance, row, started, unit =>
                {
                    remove?.Invoke(unit);
                    EnlistedWriteException.Guard(null, enlisted, unit);
                }, ct)).ConfigureAwait(false);
            }
        }

        await StartedAsync(id, held?.Done ?? Task.CompletedTask).WaitAsync(ct).ConfigureAwait(false);
        return new() { InstanceId = id };
    }

    // The gate keeps out neither other replicas nor a parent whose turn starts a child of this id: the store decides who was first.
    private async Task StartedAsync(string id, Task start)
    {
        try
        {
            await start.ConfigureAwait(false);
        }
        catch (StoreConflictException)
        {
            throw new RpcException(StatusCode.AlreadyExists, $"an active workflow with ID '{id}' already exists; choose another id, or terminate it");
        }
    }

    public async Task<GetInstanceResponse> GetAsync(GetInstanceRequest request, CancellationToken ct)
    {
        var row = await core.Rows.FindAsync(request.InstanceId, ct).ConfigureAwait(false);
        return row is null ? new() : new() { Exists = true, WorkflowState = row.ToState(request.GetInputsAndOutputs) };
    }

    public Task<GetInstanceResponse> WaitForStartAsync(GetInstanceRequest request, CancellationToken ct) =>
        WaitAsync(request, row => row.Started is not null || row.IsEnded, ct);

    public Task<GetInstanceResponse> WaitForCompletionAsync(GetInstanceRequest request, CancellationToken ct) => WaitAsync(request, row => row.IsEnded, ct);

    public Task RaiseEventAsync(RaiseEventRequest request, CancellationToken ct) => RaiseEventAsync(request, null, ct);

    public async Task RaiseEventAsync(RaiseEventRequest request, Action<IUnitOfWork>? enlisted, CancellationToken ct)
    {
        var raised = Event();
        raised.EventRaised = new() { Name = request.Name, Input = request.Input };
        if (!await delivery.DeliverAsync(request.InstanceId, null, raised, new(null, enlisted), ct).ConfigureAwait(false))
        {
            throw NotFound(request.InstanceId, "active ");
        }
    }

    public async Task TerminateAsync(TerminateRequest request, CancellationToken ct)
    {
        if (!await turns.TerminateAsync(request.InstanceId, request.Output, request.Recursive, ct).ConfigureAwait(false))
        {
            throw NotFound(request.InstanceId);
        }
    }

    public Task SuspendAsync(SuspendRequest request, CancellationToken ct)
    {
        var suspended = Event();
        suspended.ExecutionSuspended = new() { Input = request.Reason };
        return SetStatusAsync(request.InstanceId, suspended, _ => OrchestrationStatus.Suspended, row => row.Status == OrchestrationStatus.Suspended, ct);
    }

    public Task ResumeAsync(ResumeRequest request, CancellationToken ct)
    {
        var resumed = Event();
        resumed.ExecutionResumed = new() { Input = request.Reason };
        return SetStatusAsync(request.InstanceId, resumed, row => row.Started is null ? OrchestrationStatus.Pending : OrchestrationStatus.Running,
            row => row.Status != OrchestrationStatus.Suspended, ct);
    }

    public Task<PurgeInstancesResponse> PurgeAsync(PurgeInstancesRequest request, CancellationToken ct) => _purge.PurgeAsync(request, ct);

    public Task<int> PurgeAsync(InstancePurgeFilter filter, CancellationToken ct) => _purge.PurgeAsync(filter, ct);

    public Task<int> PurgeEndedAsync(DateTimeOffset before, CancellationToken ct) => _purge.PurgeEndedAsync(before, ct);

    public Task<ListInstanceIDsResponse> ListAsync(ListInstanceIDsRequest request, CancellationToken ct) => _catalog.ListAsync(request, ct);

    public Task<InstancePage> QueryAsync(InstanceQuery query, CancellationToken ct) => _catalog.QueryAsync(query, ct);

    public Task<GetInstanceHistoryResponse> HistoryAsync(GetInstanceHistoryRequest request, CancellationToken ct) => _catalog.HistoryAsync(request, ct);

    public Task<RerunWorkflowFromEventResponse> RerunAsync(RerunWorkflowFromEventRequest request, CancellationToken ct) => _rerun.RerunAsync(request, ct);

    public static RpcException NotFound(string id, string kind = "") =>
        new(StatusCode.NotFound, $"no {kind}orchestration instance '{id}' in this hub; check the id, or list the instances");

    private HistoryEvent Event() => new() { EventId = -1, Timestamp = Timestamp.FromDateTimeOffset(core.Now) };

    private InstanceRow NewRow(string id, CreateInstanceRequest request) => new()
    {
        Id = id,
        ExecutionId = request.ExecutionId is { Length: > 0 } given ? given : Guid.NewGuid().ToString("N"),
        Name = request.Name,
        Version = request.Version,
        Input = request.Input,
        Created = core.Now,
        Updated = core.Now,
        Scheduled = ProtocolTime.Read(request.ScheduledStartTimestamp, "scheduled start") is { } at && at > core.Now ? at : null,
        Tags = request.Tags.Count > 0 ? new() { Tags = { request.Tags } } : null,
    };

    private async Task EnsureFreeAsync(Instance instance, bool unique, CancellationToken ct)
    {
        if (instance.Row is not { } row)
        {
            return;
        }

        if (!row.IsEnded || unique)
        {
            throw new RpcException(StatusCode.AlreadyExists, row.IsEnded
                ? $"a workflow with ID '{row.Id}' already exists; choose another id, or purge it"
                : $"an active workflow with ID '{row.Id}' already exists; choose another id, or terminate it");
        }

        var children = await core.Rows.ReadAsync(view => core.Rows.Children(view, row.Key), ct).ConfigureAwait(false);
        if (children.Find(child => !child.IsEnded) is { } child)
        {
            throw new RpcException(StatusCode.FailedPrecondition, $"the child '{child.Id}' of the former '{row.Id}' is still active; wait for it, or terminate it");
        }
    }

    private async Task StoreStartAsync(Instance instance, InstanceRow row, HistoryEvent started, Action<IUnitOfWork> before, CancellationToken ct)
    {
        try
        {
            var (stored, seq) = await core.Rows.WriteAsync(unit =>
            {
                before(unit);
                var inserted = core.Rows.Insert(unit, row, core.HasWorker);
                if (row.Scheduled is { } at)
                {
                    HubStore.AddTimer(unit, inserted.Key, DueTimer.ScheduledStart, at);
                }

                return (inserted, core.Rows.AppendInbox(unit, inserted.Key, started));
            }, ct).ConfigureAwait(false);
            instance.Row = stored;
            instance.History.Clear();
            instance.Inbox.Clear();
            instance.Inbox.Add(new(started, seq, null));
        }
        catch
        {
            instance.Forget();
            throw;
        }

        if (row.Scheduled is { } due && !instance.IsStale)
        {
            core.Timers.Add(new(due, row.Id, row.ExecutionId, DueTimer.ScheduledStart));
        }

        core.MarkReady(instance);
        core.Board.Publish(row.Id, instance.Row);
    }

    private async Task<GetInstanceResponse> WaitAsync(GetInstanceRequest request, Func<InstanceRow, bool> isReached, CancellationToken ct)
    {
        var row = await core.Board.WaitAsync(request.InstanceId, () => core.Rows.FindAsync(request.InstanceId, ct),
            seen => seen is null || isReached(seen), ct).ConfigureAwait(false) ?? throw NotFound(request.InstanceId);
        return new() { Exists = true, WorkflowState = row.ToState(request.GetInputsAndOutputs) };
    }

    private async Task SetStatusAsync(string id, HistoryEvent one, Func<InstanceRow, OrchestrationStatus> status, Func<InstanceRow, bool> isSet, CancellationToken ct)
    {
        if (!await SetStatusHereAsync(id, one, status, ct).ConfigureAwait(false))
        {
            await ForeignInstance.UntilAsync(core, id, row => row.IsEnded || isSet(row), ct).ConfigureAwait(false);
        }
    }

    /// <returns>False when another replica was asked to do it.</returns>
    private async Task<bool> SetStatusHereAsync(string id, HistoryEvent one, Func<InstanceRow, OrchestrationStatus> status, CancellationToken ct)
    {
        using var lease = await core.Instances.AcquireAsync(id, ct).ConfigureAwait(false);
        var instance = lease.Instance;
        await HeldEvents.StoreAsync(core, instance).ConfigureAwait(false);
        if (instance.Row is not { Key: > 0 } row)
        {
            throw NotFound(id);
        }

        if (row.IsEnded || row.Status == status(row))
        {
            return true;
        }

        if (row.IsForeign)
        {
            await ForeignInstance.MailAsync(core, row, one, ct).ConfigureAwait(false);
            return false;
        }

        var changed = row with { Status = status(row), Updated = core.Now };
        var seq = await core.WriteAsync(instance, unit =>
        {
            core.Rows.Update(unit, changed);
            return core.Rows.AppendInbox(unit, row.Key, one);
        }, ct).ConfigureAwait(false);
        instance.Row = changed;
        instance.Inbox.Add(new(one, seq, null));
        core.MarkReady(instance);
        core.Board.Publish(id, changed);
        return true;
    }
}
