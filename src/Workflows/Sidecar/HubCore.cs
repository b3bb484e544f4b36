using System.Collections.Concurrent;
using Castellan.Storage;

namespace Castellan.Workflows.Sidecar;

/// <summary>What the parts of one hub share.</summary>
internal sealed class HubCore : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentQueue<DueTimer> _early = new();
    private Func<DueTimer, Task>? _fire;
    private int _localWorkers;

    public HubCore(string name, Store store, EmbeddedSidecarOptions options)
    {
        Name = name;
        Options = options;
        Activities = new ActivityBoard(Withdrawn);
        Rows = new HubStore(store, name, new PayloadTable(name, options.MaxInlinePayload));
        Instances = new InstanceTable(Rows.LoadAsync, options.MaxIdleInstances, options.MaxIdleBytes);
        Timers = new TimerQueue(options.Clock, due => Running.Add(FireAsync(due)));
        Log = new HubLog(options.Loggers.CreateLogger("Castellan.Workflows.Sidecar"), name);
    }

    public string Name { get; }

    public EmbeddedSidecarOptions Options { get; }

    public HubStore Rows { get; }

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

    public void AddLocalWorker() => Interlocked.Increment(ref _localWorkers);

    public void RemoveLocalWorker() => Interlocked.Decrement(ref _localWorkers);

    /// <summary>Queues the instance for a worker if it has something to do. Under its gate.</summary>
    public void MarkReady(Instance instance)
    {
        if (!instance.Queued && instance.IsReady(Now))
        {
            instance.Queued = true;
            ReadyTurns.Enqueue(instance.Id);
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
