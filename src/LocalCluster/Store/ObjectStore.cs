using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Store;

/// <summary>
/// Every object of the cluster, in memory, behind a journal. Reads see committed state only; a write is visible and
/// acknowledged once it is on the disk. Writers that wait together share one flush.
/// </summary>
internal sealed partial class ObjectStore : IAsyncDisposable
{
    private const int MaxGroup = 512;
    private const int WindowSize = 8192;
    private const long MinJournalBytes = 16 << 20;

    private readonly Lock gate = new();
    private readonly Journal journal;
    private readonly ILogger logger;
    private readonly Dictionary<string, ResourceTable> tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredObject> byUid = new(StringComparer.Ordinal);
    private readonly EventWindow window = new(WindowSize);
    private readonly List<StoreWatch> watches = [];
    private readonly Channel<PendingWrite> pending = Channel.CreateUnbounded<PendingWrite>(new() { SingleReader = true });
    private readonly Task writer;
    private long revision;
    private long liveBytes;

    private ObjectStore(Journal journal, ILogger logger)
    {
        (this.journal, this.logger) = (journal, logger);
        var started = journal.Replay(e => Apply(Event(e), replaying: true), e => Apply(Event(e), replaying: true));
        revision = Math.Max(Math.Max(revision, started), 1);
        window.Start(revision);
        if (journal.TornBytes > 0) LogTorn(logger, journal.TornBytes);
        LogOpened(logger, byUid.Count, revision);
        writer = Task.Run(WriteGroupsAsync);
    }

    /// <summary>The revision of the latest committed write.</summary>
    public long Revision => Interlocked.Read(ref revision);

    /// <summary>No more writes are taken.</summary>
    public bool IsClosed => pending.Reader.Completion.IsCompleted;

    /// <summary>Replays the journal in a directory, which is created when missing.</summary>
    /// <exception cref="JournalCorruptedException">A file is bad elsewhere than at a torn end.</exception>
    /// <exception cref="IOException">Another process uses the directory.</exception>
    public static ObjectStore Open(string directory, bool flush, ILogger logger)
    {
        var journal = Journal.Open(directory, flush);
        try
        {
            return new ObjectStore(journal, logger);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    public StoredObject? Find(ObjectKey key)
    {
        lock (gate) return tables.GetValueOrDefault(key.Resource)?.Find(key.Namespace, key.Name);
    }

    public StoredObject? FindByUid(string uid)
    {
        lock (gate) return byUid.GetValueOrDefault(uid);
    }

    /// <summary>The objects of a resource in a namespace (in all when null), behind a name when given, with the revision they were read at.</summary>
    public (StoredObject[] Items, long Revision) List(string resource, string? ns, (string Namespace, string Name)? after = null)
    {
        lock (gate) return (tables.GetValueOrDefault(resource)?.Slice(ns, after) ?? [], revision);
    }

    /// <summary>The revision of the latest write to any of these resources.</summary>
    public long LastChange(params ReadOnlySpan<string> resources)
    {
        lock (gate)
        {
            var latest = 0L;
            foreach (var resource in resources) latest = Math.Max(latest, tables.GetValueOrDefault(resource)?.LastChange ?? 0);
            return latest;
        }
    }

    /// <summary>The resources that have objects.</summary>
    public string[] Resources()
    {
        lock (gate) return [.. tables.Where(t => t.Value.Count > 0).Select(t => t.Key)];
    }

    /// <summary>Subscribes to committed writes; with a revision, what came after it is delivered first.</summary>
    /// <returns>Null when writes after <paramref name="since"/> are no longer known.</returns>
    public StoreWatch? Watch(string? resource, string? ns, long? since)
    {
        lock (gate)
        {
            if (since < window.Floor) return null;
            var watch = new StoreWatch(this, resource, ns) { StartRevision = revision };
            if (since is { } from)
            {
                foreach (var written in window.After(from)) watch.Offer(written);
            }
            watches.Add(watch);
            return watch;
        }
    }

    /// <summary>The current objects together with a subscription to everything after them.</summary>
    public (StoredObject[] Items, StoreWatch Watch) ListAndWatch(string? resource, string? ns)
    {
        lock (gate)
        {
            var items = resource is null ? [.. byUid.Values] : tables.GetValueOrDefault(resource)?.Slice(ns, null) ?? [];
            return (items, Watch(resource, ns, null)!);
        }
    }

    /// <summary>Writes a new object (<paramref name="expected"/> 0) or the next state of one.</summary>
    /// <exception cref="CommitConflictException">The object is at another revision.</exception>
    public Task<StoredObject> PutAsync(ObjectKey key, ObjectDraft draft, long expected, CancellationToken ct) =>
        EnqueueAsync(new PendingWrite(key, draft, expected), ct);

    /// <summary>Removes an object; the result is its last state at the deletion's revision.</summary>
    /// <exception cref="CommitConflictException">The object is at another revision.</exception>
    public Task<StoredObject> RemoveAsync(ObjectKey key, ObjectDraft lastState, long expected, CancellationToken ct) =>
        EnqueueAsync(new PendingWrite(key, lastState, expected) { Removes = true }, ct);

    public async ValueTask DisposeAsync()
    {
        if (!pending.Writer.TryComplete()) return;
        await writer.ConfigureAwait(false);
        lock (gate)
        {
            foreach (var watch in watches.ToList()) watch.Close();
            watches.Clear();
        }
        journal.Dispose();
    }

    internal void Unsubscribe(StoreWatch watch)
    {
        lock (gate) watches.Remove(watch);
    }

    private async Task<StoredObject> EnqueueAsync(PendingWrite write, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!pending.Writer.TryWrite(write)) throw new ObjectDisposedException(nameof(ObjectStore), "the store is closed");
        return await write.Done.Task.ConfigureAwait(false); // a write that is under way is not abandoned
    }

    private async Task WriteGroupsAsync()
    {
        var group = new List<PendingWrite>();
        while (await pending.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            group.Clear();
            while (group.Count < MaxGroup && pending.Reader.TryRead(out var write)) group.Add(write);
            try
            {
                Commit(group);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                LogWriteFailed(logger, e);
                foreach (var write in group) write.Done.TrySetException(new IOException($"the journal cannot be written: {e.Message}", e));
            }
        }
    }

    private void Commit(List<PendingWrite> group)
    {
        var overlay = new Dictionary<ObjectKey, StoredObject?>();
        var entries = new List<JournalEntry>(group.Count);
        var next = Revision;
        foreach (var write in group)
        {
            var current = overlay.TryGetValue(write.Key, out var seen) ? seen : Find(write.Key);
            if ((current?.Revision ?? 0) != write.Expected)
            {
                write.Done.TrySetException(new CommitConflictException(write.Key, write.Expected, current?.Revision ?? 0));
                continue;
            }
            var obj = StoredObject.Parse(write.Key, ++next, write.Draft.Complete(next));
            var type = write.Removes ? StoreEventType.Deleted : current is null ? StoreEventType.Added : StoreEventType.Modified;
            write.Result = new StoreEvent(type, obj, current);
            overlay[write.Key] = write.Removes ? null : obj;
            entries.Add(new JournalEntry(type, next, write.Key, obj.Json));
        }
        if (entries.Count == 0) return;
        journal.Append(entries);
        lock (gate)
        {
            foreach (var write in group)
            {
                if (write.Result is { } written) Apply(written, replaying: false);
            }
        }
        foreach (var write in group)
        {
            if (write.Result is { } written) write.Done.TrySetResult(written.Object);
        }
        CompactWhenLarge();
    }

    private void CompactWhenLarge()
    {
        if (journal.Length < Math.Max(MinJournalBytes, 4 * liveBytes)) return;
        StoredObject[] all;
        lock (gate) all = [.. tables.Values.SelectMany(t => t.Slice(null, null)).OrderBy(o => o.Revision)];
        journal.Compact(Revision, all.Select(o => new JournalEntry(StoreEventType.Added, o.Revision, o.Key, o.Json)));
        LogCompacted(logger, all.Length, Revision);
    }

    private StoreEvent Event(JournalEntry entry)
    {
        var obj = StoredObject.Parse(entry.Key, entry.Revision, entry.Json);
        return new StoreEvent(entry.Type, obj, tables.GetValueOrDefault(entry.Key.Resource)?.Find(entry.Key.Namespace, entry.Key.Name));
    }

    private void Apply(StoreEvent written, bool replaying)
    {
        var obj = written.Object;
        if (!tables.TryGetValue(obj.Key.Resource, out var table)) tables[obj.Key.Resource] = table = new ResourceTable();
        table.LastChange = written.Revision;
        liveBytes -= written.Previous?.Json.Length ?? 0;
        if (written.Type == StoreEventType.Deleted)
        {
            table.Remove(obj.Key.Namespace, obj.Key.Name);
            byUid.Remove(obj.Uid);
        }
        else
        {
            table.Put(obj);
            byUid[obj.Uid] = obj;
            liveBytes += obj.Json.Length;
        }
        if (!replaying)
        {
            window.Add(written);
            foreach (var watch in watches) watch.Offer(written);
        }
        Interlocked.Exchange(ref revision, Math.Max(revision, written.Revision)); // last: who reads a revision finds its event offered
    }

    private sealed record PendingWrite(ObjectKey Key, ObjectDraft Draft, long Expected)
    {
        public bool Removes { get; init; }

        public StoreEvent? Result { get; set; }

        public TaskCompletionSource<StoredObject> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
