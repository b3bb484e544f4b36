namespace Castellan.Workflows.Sidecar;

/// <summary>
/// The instances in memory, each behind its own gate: one operation at a time for an instance, any number for different ones. Instances are
/// loaded when needed and dropped again when idle, the longest idle first: so many instances, and so many bytes of history, are kept.
/// </summary>
internal sealed class InstanceTable(Func<string, CancellationToken, Task<Instance>> load, int maxIdle, long maxIdleBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _idle = [];
    private long _idleBytes;

    public async ValueTask<InstanceLease> AcquireAsync(string id, CancellationToken ct)
    {
        Entry? entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(id, out entry))
            {
                _entries.Add(id, entry = new(id));
            }

            if (entry.Users++ == 0 && entry.Idle is { } node)
            {
                _idle.Remove(node);
                _idleBytes -= entry.IdleBytes;
                entry.Idle = null;
            }
        }

        var entered = false;
        try
        {
            await entry.Gate.WaitAsync(ct).ConfigureAwait(false);
            entered = true;
            if (entry.Instance is null or { IsStale: true })
            {
                entry.Instance = await load(id, ct).ConfigureAwait(false);
            }

            return new(this, entry);
        }
        catch
        {
            if (entered)
            {
                entry.Gate.Release();
            }

            Leave(entry);
            throw;
        }
    }

    /// <summary>Who is in memory now.</summary>
    public List<string> Ids
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Keys];
            }
        }
    }

    private void Release(Entry entry)
    {
        entry.Gate.Release();
        Leave(entry);
    }

    private void Leave(Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Users > 0 || entry.Instance is { MustStay: true })
            {
                return;
            }

            if (entry.Instance is null or { IsStale: true } or { Row: null or { IsEnded: true } })
            {
                _entries.Remove(entry.Id);
                return;
            }

            entry.Idle = _idle.AddLast(entry);
            entry.IdleBytes = entry.Instance.History.Bytes;
            _idleBytes += entry.IdleBytes;
            while (_idle.Count > maxIdle || (_idleBytes > maxIdleBytes && _idle.Count > 1))
            {
                var oldest = _idle.First!.Value;
                _idle.RemoveFirst();
                _idleBytes -= oldest.IdleBytes;
                _entries.Remove(oldest.Id);
            }
        }
    }

    internal sealed class Entry(string id)
    {
        public string Id { get; } = id;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public Instance? Instance { get; set; }

        public int Users { get; set; }

        public LinkedListNode<Entry>? Idle { get; set; }

        public long IdleBytes { get; set; }
    }

    /// <summary>The right to read and change one instance until disposed.</summary>
    internal readonly struct InstanceLease(InstanceTable table, Entry entry) : IDisposable
    {
        public Instance Instance => entry.Instance!;

        public void Dispose() => table.Release(entry);
    }
}
