using Castellan.KubeApi;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.KubeClient.Informers;

/// <summary>A local copy of the objects of one kind, kept by list and watch.</summary>
/// <remarks>
/// Nothing runs before <see cref="RunAsync"/>. Readers see whole states and may call from any thread; subscribers are called one at a time, in order,
/// and must be quick. Shape: client-go's SharedInformer.
/// </remarks>
public sealed partial class Informer<T> : IInformer where T : KubeObject
{
    private const string OwnerIndex = "owner";
    private readonly KubeConnection _kube;
    private readonly InformerOptions _options;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly ObjectCache<T> _cache = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _kind = KubeResource.Of<T>().Kind;
    private List<Action<InformerEvent<T>>> _subscribers = [];

    /// <summary>An informer that does not run yet.</summary>
    public Informer(KubeConnection kube, InformerOptions? options = null, ILogger? log = null)
    {
        (_kube, _options, _log) = (kube, options ?? new InformerOptions(), log ?? NullLogger.Instance);
        _cache.AddIndex(OwnerIndex, static o => (o.Metadata.OwnerReferences ?? []).Select(r => r.Uid));
    }

    /// <summary>Whether the first list is in the cache.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>All objects now, in no order. Do not change them: they are shared.</summary>
    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate) return [.. _cache.Items.Values];
        }
    }

    /// <inheritdoc/>
    public Task WaitForSyncAsync(CancellationToken ct) => _synced.Task.WaitAsync(ct);

    /// <summary>One object, shared; null if it is not there.</summary>
    public T? Find(NamespacedName key)
    {
        lock (_gate) return _cache.Items.GetValueOrDefault(key);
    }

    /// <summary>The objects that name this uid among their owners.</summary>
    public IReadOnlyList<T> OwnedBy(string uid) => ByIndex(OwnerIndex, uid);

    /// <summary>Makes objects findable by values computed from them.</summary>
    public void AddIndex(string name, Func<T, IEnumerable<string>> of)
    {
        lock (_gate) _cache.AddIndex(name, of);
    }

    /// <summary>The objects with this value in an index.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IReadOnlyList<T> ByIndex(string name, string value)
    {
        lock (_gate) return _cache.ByIndex(name, value);
    }

    /// <summary>Calls back with every object there is (as added), then with every change, until disposed.</summary>
    public IDisposable Subscribe(Action<InformerEvent<T>> subscriber)
    {
        lock (_gate)
        {
            _subscribers = [.. _subscribers, subscriber];
            foreach (var item in _cache.Items.Values) subscriber(new(InformerEventType.Added, item));
        }
        return new Subscription(this, subscriber);
    }

    private void Replace(KubeList<T> list)
    {
        lock (_gate)
        {
            var gone = _cache.Items.Keys.ToHashSet();
            foreach (var item in list.Items)
            {
                gone.Remove(item.Key);
                Put(item);
            }
            foreach (var key in gone) Drop(_cache.Items[key], isTombstone: true);
        }
        _synced.TrySetResult();
    }

    private void Apply(WatchEvent<T> e)
    {
        lock (_gate)
        {
            if (e.Type == WatchEventType.Deleted) Drop(e.Object, isTombstone: false);
            else Put(e.Object);
        }
    }

    private void Put(T item)
    {
        var old = _cache.Items.GetValueOrDefault(item.Key);
        if (old is not null && old.Metadata.ResourceVersion == item.Metadata.ResourceVersion) return;
        // Deleted and created again between two lists: whoever kept state for the old one must hear of its end.
        if (old is not null && old.Metadata.Uid != item.Metadata.Uid)
        {
            Drop(old, isTombstone: true);
            old = null;
        }
        _cache.Put(item);
        Tell(old is null ? new(InformerEventType.Added, item) : new(InformerEventType.Updated, item, old));
    }

    private void Drop(T last, bool isTombstone)
    {
        if (_cache.Remove(last.Key) is { } known) Tell(new(InformerEventType.Deleted, last, known, isTombstone));
    }

    private void Resync()
    {
        lock (_gate)
        {
            foreach (var item in _cache.Items.Values.ToList()) Tell(new(InformerEventType.Updated, item, item));
        }
    }

    private void Tell(InformerEvent<T> e)
    {
        foreach (var subscriber in _subscribers)
        {
            try
            {
                subscriber(e);
            }
            catch (Exception fault)
            {
                // One faulty subscriber must not keep the others from the truth.
                LogSubscriberFailed(fault, _kind, e.Object.Key);
            }
        }
    }

    private sealed class Subscription(Informer<T> informer, Action<InformerEvent<T>> subscriber) : IDisposable
    {
        public void Dispose()
        {
            lock (informer._gate) informer._subscribers = [.. informer._subscribers.Where(s => s != subscriber)];
        }
    }
}
