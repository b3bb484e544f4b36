using Castellan.Storage;

namespace Castellan.Audit.Transparency;

/// <summary>
/// Commits the audit log to a Merkle tree: signs checkpoints, proves that a record is in it and that it only grew. Who keeps a checkpoint outside
/// of this machine can tell later whether anything before it was changed, also by whoever owns the machine.
/// </summary>
/// <param name="store">Opened with <see cref="AuditLog.Schema"/>.</param>
/// <param name="log">The records; entry n of the tree, from 0, is the body of record n+1.</param>
/// <param name="key">The log's own key; its name is the log's origin.</param>
/// <param name="clock">Dates checkpoints.</param>
public sealed class TransparencyLog(Store store, AuditLog log, NoteSigner key, TimeProvider clock) : IDisposable
{
    private const int PageSize = 2000;

    private readonly SemaphoreSlim _one = new(1, 1);
    private GrowingTree? _tree;

    /// <summary>Checks the log's checkpoints.</summary>
    public NoteVerifier Verifier => key.Verifier;

    /// <summary>Whether the store holds a log that was signed before.</summary>
    public static Task<bool> IsSignedAsync(Store store, CancellationToken ct) =>
        store.ReadAsync(view => view.First("select size from audit_checkpoint where id = 1", row => row.GetInt64(0)) > 0, ct);

    /// <summary>Takes all records there are into the tree.</summary>
    /// <returns>A checkpoint that covers every record that was there when this began.</returns>
    /// <exception cref="InvalidDataException">The store lacks a record or a tile; the log is not extended over a hole.</exception>
    public async Task<SignedNote> AdvanceAsync(CancellationToken ct)
    {
        await log.SettleAsync(ct).ConfigureAwait(false);
        await _one.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            while (true)
            {
                var (tree, note) = await LoadAsync(ct).ConfigureAwait(false);
                var page = await store.ReadAsync(view => view.Query("select sequence, body from audit_record where sequence > $1 order by sequence limit $2",
                    row => (Sequence: row.GetInt64(0), Body: row.GetBytes(1)), tree.Size, PageSize), ct).ConfigureAwait(false);
                if (page.Count == 0)
                {
                    return note;
                }

                try
                {
                    note = await ExtendAsync(tree, page, ct).ConfigureAwait(false);
                }
                catch (StoreConflictException)
                {
                    continue; // another process was faster
                }

                if (page.Count < PageSize)
                {
                    return note;
                }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Proves that a record is in the log.</summary>
    /// <returns>The proof; null when there is no such record.</returns>
    /// <exception cref="RecordPrunedException">Its text was removed; who kept it can still prove it with a proof of before.</exception>
    public async Task<InclusionProof?> ProveAsync(long sequence, CancellationToken ct)
    {
        var note = await AdvanceAsync(ct).ConfigureAwait(false);
        var size = Checkpoint.Open(note, Verifier).Size;
        if (sequence < 1 || sequence > size)
        {
            return null;
        }

        if (await store.ReadAsync(PrunedTable.Find, ct).ConfigureAwait(false) is { } pruned && sequence <= pruned.Through)
        {
            throw new RecordPrunedException(sequence, pruned.Through);
        }

        return await store.ReadAsync(view => new InclusionProof(
            view.First("select body from audit_record where sequence = $1", row => row.GetString(0), sequence) ?? throw new InvalidDataException($"record {sequence} is missing; the log was cut"),
            sequence - 1, MerkleTree.ProveInclusion(Nodes(view, size), sequence - 1, size), note), ct).ConfigureAwait(false);
    }

    /// <summary>Proves that the log still begins with what it was.</summary>
    /// <param name="oldSize">Size of an earlier checkpoint.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>The proof; null when the log is shorter than that: its tail was cut.</returns>
    public async Task<ConsistencyProof?> ProveGrowthAsync(long oldSize, CancellationToken ct)
    {
        var note = await AdvanceAsync(ct).ConfigureAwait(false);
        var size = Checkpoint.Open(note, Verifier).Size;
        return oldSize < 0 || oldSize > size
            ? null
            : await store.ReadAsync(view => new ConsistencyProof(oldSize, MerkleTree.ProveConsistency(Nodes(view, size), oldSize, size), note), ct).ConfigureAwait(false);
    }

    /// <summary>Reads a file of the log's static layout: a tile or a bundle of entries.</summary>
    /// <returns>Null when the log has no such file.</returns>
    public Task<byte[]?> ReadFileAsync(TileAddress address, CancellationToken ct) => store.ReadAsync(view =>
        address.Level == TileAddress.EntriesLevel ? Entries(view, address) : Hashes(view, address)?.ToArray(), ct);

    /// <summary>Reads the whole log: every record must follow from the one before, and all together must give the root that was signed.</summary>
    /// <param name="remembered">A head seen earlier; the log must still contain it. Null skips that check.</param>
    /// <param name="ct">Ends the check.</param>
    public async Task<LogVerification> VerifyAsync(LogHead? remembered, CancellationToken ct)
    {
        try
        {
            var signed = Checkpoint.Open(await AdvanceAsync(ct).ConfigureAwait(false), Verifier);
            return await new TreeCheck(store, log, Verifier, signed).RunAsync(remembered, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException)
        {
            return new(false, 0, LogHead.Empty, error.Message, 1);
        }
    }

    /// <summary>What the log says about records that were pruned; null when none were.</summary>
    public Task<string?> PrunedAsync(CancellationToken ct) => store.ReadAsync(view => PrunedTable.Find(view)?.Note, ct);

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<(GrowingTree Tree, SignedNote Note)> LoadAsync(CancellationToken ct) => await store.ReadAsync(view =>
    {
        var text = view.First("select note from audit_checkpoint where id = 1", row => row.GetString(0));
        var note = text is null ? new Checkpoint(Verifier.Name, 0, MerkleHash.EmptyTree).Sign(key, clock.GetUtcNow()) : SignedNote.Parse(text);
        var size = Checkpoint.Open(note, Verifier).Size;
        if (_tree is null || _tree.Size != size)
        {
            _tree = new GrowingTree(size, address => Hashes(view, address)); // first time, or another process went on
        }

        return (_tree, note);
    }, ct).ConfigureAwait(false);

    private async Task<SignedNote> ExtendAsync(GrowingTree tree, List<(long Sequence, byte[] Body)> page, CancellationToken ct)
    {
        var before = tree.Size;
        foreach (var (sequence, body) in page)
        {
            if (sequence != tree.Size + 1)
            {
                _tree = null;
                throw new InvalidDataException($"record {tree.Size + 1} is missing: it was removed before it was taken into the tree");
            }

            tree.Append(MerkleHash.OfLeaf(body));
        }

        var (now, tiles) = (clock.GetUtcNow(), tree.TakeChanged());
        var note = new Checkpoint(Verifier.Name, tree.Size, tree.Root()).Sign(key, now);
        try
        {
            await store.WriteAsync(unit => Save(unit, before, tree.Size, now, note, tiles), ct).ConfigureAwait(false);
            return note;
        }
        catch
        {
            _tree = null; // it grew in memory only
            throw;
        }
    }

    private static void Save(IUnitOfWork unit, long before, long size, DateTimeOffset now, SignedNote note, IReadOnlyList<Tile> tiles)
    {
        // The only row there is: whoever writes it first has extended the log, and the other reads it again.
        var extended = unit.Execute("insert into audit_checkpoint(id, size, time, note) values(1, $1, $2, $3) "
            + "on conflict(id) do update set size = excluded.size, time = excluded.time, note = excluded.note where audit_checkpoint.size = $4",
            size, now, note.ToString(), before);
        if (extended == 0)
        {
            throw new StoreConflictException($"another process extended the log beyond {before} entries; read it again");
        }

        foreach (var tile in tiles)
        {
            unit.Post("insert into audit_tile(level, place, hashes) values($1, $2, $3) on conflict(level, place) do update set hashes = excluded.hashes",
                tile.Address.Level, tile.Address.Index, tile.Hashes);
        }
    }

    internal static TiledNodes Nodes(IReadView view, long size) => new(size, address => Hashes(view, address));

    internal static ReadOnlyMemory<byte>? Hashes(IReadView view, TileAddress address)
    {
        var hashes = view.First("select hashes from audit_tile where level = $1 and place = $2", row => row.GetBytes(0), address.Level, address.Index);
        return hashes is null || hashes.Length < address.Width * MerkleHash.Size ? null : hashes.AsMemory(0, address.Width * MerkleHash.Size);
    }

    private static byte[]? Entries(IReadView view, TileAddress address)
    {
        var first = (address.Index * TileAddress.FullWidth) + 1;
        var bodies = view.Query("select body from audit_record where sequence >= $1 and sequence < $2 order by sequence", row => row.GetString(0), first, first + address.Width);
        return bodies.Count == address.Width ? EntryBundle.Write(bodies) : null;
    }
}
