using System.Threading.Channels;

namespace Castellan.KubeClient.WorkQueue;

/// <summary>A queue of keys: a key waits at most once, is worked on by one at a time, and comes again if it was added meanwhile.</summary>
/// <remarks>Shape: client-go's workqueue (dirty and processing sets, delayed adds, per-key exponential backoff). Safe to use from many threads.</remarks>
public sealed class WorkQueue<TKey> : IDisposable where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Channel<TKey> _order = Channel.CreateUnbounded<TKey>();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _processing = [];
    private readonly Dictionary<TKey, (DateTimeOffset Due, ITimer Timer)> _delayed = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;
    private readonly QueueMetrics<TKey>? _metrics;
    private bool _closed;

    /// <summary>An empty queue.</summary>
    /// <param name="time">The clock of delays.</param>
    /// <param name="backoff">How long a failed key waits; 5 ms doubling to 5 minutes by default.</param>
    /// <param name="name">Under which it is measured; <see langword="null"/> measures nothing.</param>
    public WorkQueue(TimeProvider time, Backoff? backoff = null, string? name = null)
    {
        (_time, _backoff) = (time, backoff ?? new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(5)));
        _metrics = name is null ? null : new(name, () => Count);
    }

    /// <summary>How many keys wait now, delayed ones not counted.</summary>
    public int Count => _order.Reader.Count;

    /// <summary>Adds a key, now.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
        {
            if (_closed || !_dirty.Add(key)) return;
            _metrics?.Added(key);
            if (_processing.Contains(key)) return;
            _order.Writer.TryWrite(key);
        }
    }

    /// <summary>Adds a key later; the earliest of several such wishes counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }
        lock (_gate)
        {
            var due = _time.GetUtcNow() + delay;
            if (_closed || (_delayed.TryGetValue(key, out var waiting) && waiting.Due <= due)) return;
            waiting.Timer?.Dispose();
            _delayed[key] = (due, _time.CreateTimer(_ => Release(key, due), null, delay, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Adds a key after its backoff, which grows with each call until <see cref="Forget"/>.</summary>
    /// <returns>How long it waits.</returns>
    public TimeSpan AddWithBackoff(TKey key)
    {
        TimeSpan delay;
        lock (_gate)
        {
            var failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            delay = _backoff.After(failures);
        }
        _metrics?.Retried();
        AddAfter(key, delay);
        return delay;
    }

    /// <summary>Ends a key's backoff, after a success.</summary>
    public void Forget(TKey key)
    {
        lock (_gate) _failures.Remove(key);
    }

    /// <summary>How often a key failed since it was last forgotten.</summary>
    public int Failures(TKey key)
    {
        lock (_gate) return _failures.GetValueOrDefault(key);
    }

    /// <summary>Waits for a key; call <see cref="Done"/> when it is worked on.</summary>
    /// <exception cref="ChannelClosedException">The queue was disposed.</exception>
    public async ValueTask<TKey> TakeAsync(CancellationToken ct)
    {
        var key = await _order.Reader.ReadAsync(ct);
        lock (_gate)
        {
            _processing.Add(key);
            _dirty.Remove(key);
            _metrics?.Taken(key);
        }
        return key;
    }

    /// <summary>Says that a taken key is worked on.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            _processing.Remove(key);
            if (_dirty.Contains(key)) _order.Writer.TryWrite(key);
        }
    }

    /// <summary>Takes no more keys and drops the delayed ones.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var (_, timer) in _delayed.Values) timer.Dispose();
            _delayed.Clear();
            _order.Writer.TryComplete();
        }
        _metrics?.Dispose();
    }

    private void Release(TKey key, DateTimeOffset due)
    {
        lock (_gate)
        {
            if (!_delayed.TryGetValue(key, out var waiting) || waiting.Due != due) return;
            waiting.Timer.Dispose();
            _delayed.Remove(key);
        }
        Add(key);
    }
}
