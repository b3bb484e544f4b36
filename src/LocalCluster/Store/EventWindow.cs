namespace Castellan.LocalCluster.Store;

/// <summary>The latest writes, from which a watch that reconnects is caught up. Older ones are gone: the watcher lists anew.</summary>
internal sealed class EventWindow(int capacity)
{
    private readonly Queue<StoreEvent> events = new();

    /// <summary>The newest revision that is no longer (or was never) in the window; a watch may start from it, not before.</summary>
    public long Floor { get; private set; }

    public void Start(long revision)
    {
        events.Clear();
        Floor = revision;
    }

    public void Add(StoreEvent written)
    {
        events.Enqueue(written);
        while (events.Count > capacity) Floor = events.Dequeue().Revision;
    }

    public IEnumerable<StoreEvent> After(long revision) => events.SkipWhile(e => e.Revision <= revision);
}
