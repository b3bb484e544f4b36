namespace Castellan.Workflows.Sidecar;

/// <summary>One item that a stream has and has not answered. Ending it, once, gives the stream its credit back.</summary>
internal sealed class DeliverySlot(WorkerStream stream, SemaphoreSlim credit, TimeSpan lease)
{
    private readonly long _taken = stream.Clock.GetTimestamp(); // not the time of day, which may be set while the item is out
    private int _ended;

    public WorkerStream Stream { get; } = stream;

    /// <summary>Whether the item may be given to somebody else.</summary>
    public bool HasExpired => lease != Timeout.InfiniteTimeSpan && Stream.Clock.GetElapsedTime(_taken) >= lease;

    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            credit.Release();
        }
    }
}
