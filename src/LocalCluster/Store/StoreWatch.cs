using System.Threading.Channels;

namespace Castellan.LocalCluster.Store;

/// <summary>A subscription to the committed writes of one resource (of all when null), in order.</summary>
internal sealed class StoreWatch : IDisposable
{
    private const int Backlog = 16_384;

    private readonly ObjectStore store;
    private readonly Channel<StoreEvent> channel =
        Channel.CreateBounded<StoreEvent>(new BoundedChannelOptions(Backlog) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    internal StoreWatch(ObjectStore store, string? resource, string? ns) => (this.store, Resource, Namespace) = (store, resource, ns);

    internal string? Resource { get; }

    internal string? Namespace { get; }

    /// <summary>Everything up to this revision was there when the subscription began.</summary>
    public long StartRevision { get; internal set; }

    /// <summary>Events as they commit; ends when the store closes or the reader falls too far behind.</summary>
    public ChannelReader<StoreEvent> Events => channel.Reader;

    public void Dispose()
    {
        store.Unsubscribe(this);
        channel.Writer.TryComplete();
    }

    internal void Offer(StoreEvent written)
    {
        if (Resource is not null && written.Object.Key.Resource != Resource) return;
        if (Namespace is not null && written.Object.Key.Namespace != Namespace) return;
        if (!channel.Writer.TryWrite(written)) channel.Writer.TryComplete();
    }

    internal void Close() => channel.Writer.TryComplete();
}
