namespace Castellan.Workflows.Sidecar;

/// <summary>An attached worker: how much it may hold, and for how long.</summary>
internal sealed class WorkerStream(StreamLimits limits, TimeProvider clock)
{
    private volatile bool _silent;

    public SemaphoreSlim TurnCredit { get; } = new(limits.MaxTurns);

    public SemaphoreSlim ActivityCredit { get; } = new(limits.MaxActivities);

    public TimeProvider Clock { get; } = clock;

    /// <summary>Tells streams apart when an instance chooses one.</summary>
    public ulong Identity { get; } = (ulong)Random.Shared.NextInt64();

    /// <summary>Whether events may be held until the turn that they cause: only for a worker in this process.</summary>
    public required bool IsLocal { get; init; }

    /// <summary>Longest history, in bytes, that a turn may carry; a longer one waits for a worker that can fetch it.</summary>
    public long MaxHistoryBytes { get; init; } = long.MaxValue;

    /// <summary>Whether the worker remembers the history it was sent, and fetches what it has forgotten.</summary>
    public bool RemembersHistory { get; init; }

    /// <summary>Turns that wait for this stream because their instances prefer it. Under the lock of <see cref="TurnDispatch"/>.</summary>
    public Queue<string> Backlog { get; } = [];

    /// <summary>Set while the stream, with credit in hand, waits for a turn. Under the lock of <see cref="TurnDispatch"/>.</summary>
    public TaskCompletionSource<string>? Waiting { get; set; }

    /// <summary>It let a turn's lease end and has answered none since: turns go to others while there are others.</summary>
    public bool IsSilent { get => _silent; set => _silent = value; }

    public DeliverySlot TurnSlot() => new(this, TurnCredit, limits.TurnLease);

    public DeliverySlot ActivitySlot() => new(this, ActivityCredit, limits.ActivityLease);
}

/// <summary>How much a stream holds and for how long.</summary>
internal sealed record StreamLimits(int MaxTurns, int MaxActivities, TimeSpan TurnLease, TimeSpan ActivityLease);
