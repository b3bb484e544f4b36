using System.Collections.Concurrent;
using Castellan.Storage;
using Castellan.Workflows.Sidecar.Replicas;

namespace Castellan.Workflows.Sidecar;

/// <summary>What the parts of one hub share.</summary>
internal sealed class HubCore : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentQueue<DueTimer> _early = new();
    private Func<DueTimer, Task>? _fire;
    private int _localWorkers;
    private int _workers;

    /// <param name="name">The hub.</param>
    /// <param name="store">Its rows' store.</param>
    /// <param name="options">Limits.</param>
    /// <param name="replica">This sidecar among several; null when it has the store for itself.</param>
    public HubCore(string name, Store store, EmbeddedSidecarOptions options, Replica? replica)
    {
        Name = name;
        Options = options;
        Activities = new ActivityBoard(Withdrawn);
        Ownership = replica is null ? new SoleOwner() : new ReplicaOwner(replica, name, Adopt);
        Rows = new HubStore(store, name, new PayloadTable(name, options.MaxInlinePayload), Ownership);
        Instances = new InstanceTable((id, ct) => Ownership.LoadAsync(Rows, id, ct), options.MaxIdleInstances, options.MaxIdleBytes);
        Timers = new TimerQueue(options.Clock, due => Running.Add(FireAsync(due)));
        Log = new HubLog(options.Loggers.CreateLogger("Castellan.Workflows.Sidecar"), name);
    }

    public string Name { get; }

    public EmbeddedSidecarOptions Options { get; }

    public HubStore Rows { get; }

    public IInstanceOwnership Ownership { get; }

    public InstanceTable Instances { get; }

    public StatusBoard Board { get; } = new();

    public ActivityBoard Activities { get; }

    public WithdrawnItems Withdrawn { get; } = new();

    public TimerQueue Timers { get; }

    public RunningTasks Running { get; } = new();

    public HubLog Log { get; }

    public TurnDispatch ReadyTurns { get; } = new();

    /// <summary>Turns that workers have, by instance.</summary>
    public ConcurrentDictionary<string, DeliverySlot> TurnsInFlight { get; } = new(StringComparer.Ordinal);

    /// <summary>Instances with events that are not stored yet.</summary>
    public ConcurrentDictionary<string, byte> Holding { get; } = new(StringComparer.Ordinal);

    public Action<CommittingTurn>? Observer { get; set; }

    public DateTimeOffset Now => Options.Clock.GetUtcNow();

    public bool HasLocalWorker => Volatile.Read(ref _localWorkers) > 0;

    /// <summary>Whether a worker, in this process or beyond a wire, is attached here.</summary>
    public bool HasWorker => Volatile.Read(ref _workers) > 0;

    public void AddWorker(bool isLocal)
    {
        Interlocked.Add(ref _localWorkers, isLocal ? 1 : 0);
        Interlocked.Increment(ref _workers);
        Ownership.LookAround();
    }

    public void RemoveWorker(bool isLocal)
    {
        Interlocked.Decrement(ref _workers);
        Interlocked.Add(ref _localWorkers, isLocal ? -1 : 0);
        Ownership.LookAround();
    }

    /// <summary>Writes for an instance that this sidecar holds. Under its gate.</summary>
    /// <exception cref="StoreFencedException">Another replica has it; memory has let go of it.</exception>
    public async Task<T> WriteAsync<T>(Instance instance, Func<IUnitOfWork, T> work, CancellationToken ct)
    {
        try
        {
            return await Rows.WriteAsync(unit =>
            {
                if (instance.Row is { Key: > 0 and var key })
                {
                    Ownership.Fence(unit, key);
                }

                return work(unit);
            }, ct).ConfigureAwait(false);
        }
        catch (StoreException error) when (error is StoreFencedException or StoreOutcomeUnknownException)
        {
            Ownership.Lost(error);
            Lose(instance, error);
            throw;
        }
    }

    /// <summary>Lets go of an instance: its turn, its activities and what memory knows of it. Under its gate.</summary>
    public void Lose(Instance instance, Exception reason)
    {
        WithdrawTurn(instance);
        HeldEvents.Fail(instance, reason);
        Holding.TryRemove(instance.Id, out _);
        foreach (var activity in Activities.All.Where(activity => activity.InstanceId == instance.Id))
        {
            Activities.Withdraw(activity);
        }

        if (Ownership.IsShared && instance.Row is { } row)
        {
            Timers.Drop(row.Id, row.ExecutionId); // whoever takes the instance takes them too
        }

        instance.Forget();
    }

    /// <summary>Takes up what an instance waits for that this sidecar now holds.</summary>
    public void Adopt(PendingWork work)
    {
        foreach (var (executionId, request) in work.Activities)
        {
            Activities.Add(executionId, request);
        }

        foreach (var due in work.Timers)
        {
            Timers.Add(due);
        }
    }

    /// <summary>Queues the instance for a worker if it has something to do. Under its gate.</summary>
    public void MarkReady(Instance instance)
    {
        if (!instance.Queued && instance.IsReady(Now))
        {
            instance.Queued = true;
            ReadyTurns.Enqueue(instance.Id);
            if (!HasWorker)
            {
                Ownership.LookAround();
            }
        }
    }

    /// <summary>Hands an event to the next turn without storing it first, if a worker in this process will take it. Under the gate.</summary>
    public HeldCommit? TryHold(Instance instance, Func<HeldCommit, InboxEntry> entry, HeldCommit held)
    {
        Holding.TryAdd(instance.Id, 0); // before the check: a worker that leaves looks here after it has signed off
        if (!HasLocalWorker)
        {
            Holding.TryRemove(instance.Id, out _);
            return null;
        }

        instance.Inbox.Add(entry(held));
        MarkReady(instance);
        return held;
    }

    /// <summary>Nobody wants the answer to the instance's turn any more. Under the gate.</summary>
    public void WithdrawTurn(Instance instance)
    {
        if (instance.Turn is { } turn)
        {
            TurnsInFlight.TryRemove(new(instance.Id, turn.Slot));
            Withdrawn.Add(instance.Id, WithdrawnItems.Turn, turn.Token, turn.Slot);
            instance.Turn = null;
        }
    }

    /// <summary>Looks at an instance again when the store may be in order.</summary>
    public void RetryLater(string instanceId) => Timers.Add(new(Now + RetryDelay, instanceId, "", DueTimer.Retry));

    public void OnTimer(Func<DueTimer, Task> fire)
    {
        _fire = fire;
        while (_early.TryDequeue(out var due))
        {
            Running.Add(FireAsync(due));
        }
    }

    private async Task FireAsync(DueTimer due)
    {
        await Task.Yield(); // the clock's thread goes on
        if (_fire is not { } fire)
        {
            _early.Enqueue(due);
            return;
        }

        try
        {
            await fire(due).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.TimerDelayed(due.InstanceId, due.Task, error.Message);
            if (error is not ObjectDisposedException)
            {
                Timers.Add(due with { FireAt = Now + TimeSpan.FromSeconds(1) });
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Timers.DisposeAsync().ConfigureAwait(false);
        await Running.WhenAll().ConfigureAwait(false);
    }
}
