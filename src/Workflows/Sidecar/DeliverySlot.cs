namespace Castellan.Workflows.Sidecar;

/// <summary>One item that a stream has and has not answered. Ending it, once, gives the stream its credit back.</summary>
internal sealed class DeliverySlot(WorkerStream stream, SemaphoreSlim credit, DateTimeOffset leaseEnds)
{
    private int _ended;

    public WorkerStream Stream { get; } = stream;

    /// <summary>After this the item is given to somebody else.</summary>
    public DateTimeOffset LeaseEnds { get; } = leaseEnds;

    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            credit.Release();
        }
    }
}

/// <summary>An attached worker: how much it may hold, and for how long.</summary>
internal sealed class WorkerStream(int maxTurns, int maxActivities, TimeSpan turnLease, TimeSpan activityLease)
{
    public SemaphoreSlim TurnCredit { get; } = new(maxTurns);

    public SemaphoreSlim ActivityCredit { get; } = new(maxActivities);

    /// <summary>Whether events may be held until the turn that they cause: only for a worker in this process.</summary>
    public required bool IsLocal { get; init; }

    public volatile bool Detached;

    public DeliverySlot TurnSlot(DateTimeOffset now) => new(this, TurnCredit, Ends(now, turnLease));

    public DeliverySlot ActivitySlot(DateTimeOffset now) => new(this, ActivityCredit, Ends(now, activityLease));

    private static DateTimeOffset Ends(DateTimeOffset now, TimeSpan lease) => lease == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : now + lease;
}
