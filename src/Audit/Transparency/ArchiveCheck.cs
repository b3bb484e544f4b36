namespace Castellan.Audit.Transparency;

/// <summary>Checks the files of a log against its checkpoint, entry by entry; for pruned entries the leaves of the tiles stand in.</summary>
/// <param name="archive">The files.</param>
/// <param name="signed">The checkpoint among them.</param>
/// <param name="earlier">A checkpoint seen before; null for none.</param>
internal sealed class ArchiveCheck(LogArchive archive, Checkpoint signed, Checkpoint? earlier)
{
    private const int EntriesAtOnce = 16 * TileAddress.FullWidth;
    private readonly GrowingTree _tree = new(keepsTiles: false);
    private bool _isRewritten;

    internal async Task<ArchiveVerification> RunAsync(NoteVerifier log, CancellationToken ct)
    {
        var note = await archive.PrunedAsync(ct).ConfigureAwait(false);
        var pruned = note is null ? null : PruneStatement.Open(SignedNote.Parse(note), log);
        await TakeLeavesAsync(pruned?.Through ?? 0, ct).ConfigureAwait(false);
        if (pruned is not null && _tree.Root() != pruned.Root)
        {
            return new(signed, $"the hashes of the {pruned.Through} pruned records do not give the root that was signed when they were pruned");
        }

        var isStated = pruned is null;
        while (_tree.Size < signed.Size)
        {
            var entries = await ReadOnAsync(ct).ConfigureAwait(false);
            var examined = Examination.OfAll(entries, entry => (Facets: RecordFacets.Read(entry.Span), Leaf: MerkleHash.OfLeaf(entry.Span)), ct);
            for (var i = 0; i < entries.Count; i++)
            {
                var (facets, leaf) = examined[i];
                if (facets?.Sequence != _tree.Size + 1)
                {
                    return new(signed, $"record {_tree.Size + 1} says of itself that it is another: it was moved or rewritten");
                }

                isStated |= facets.Kind == "retention" && TreeCheck.StatementOf(entries[i]) == note;
                Take(leaf);
            }
        }

        return new(signed, _isRewritten ? $"the first {earlier!.Size} records are not those that were signed before: the log was rewritten"
            : _tree.Root() != signed.Root ? $"the {signed.Size} records do not give the root that was signed: one of them was changed"
            : !isStated ? $"records 1 to {pruned!.Through} are gone, and no record of the log says that they were pruned"
            : null, pruned?.Through ?? 0);
    }

    // Some bundles at once, so that all processors have something to do.
    private async Task<List<ReadOnlyMemory<byte>>> ReadOnAsync(CancellationToken ct)
    {
        var entries = new List<ReadOnlyMemory<byte>>();
        while (entries.Count < EntriesAtOnce && _tree.Size + entries.Count < signed.Size)
        {
            var next = _tree.Size + entries.Count;
            entries.AddRange(await archive.EntriesAsync(next / TileAddress.FullWidth, (int)Math.Min(TileAddress.FullWidth, signed.Size - next), ct).ConfigureAwait(false));
        }

        return entries;
    }

    private async Task TakeLeavesAsync(long through, CancellationToken ct)
    {
        while (_tree.Size < through)
        {
            var tile = await archive.LeavesAsync(_tree.Size / TileAddress.FullWidth, ct).ConfigureAwait(false);
            for (var i = 0; i < tile.Address.Width; i++)
            {
                Take(tile[i]);
            }
        }
    }

    private void Take(in MerkleHash leaf)
    {
        _tree.Append(leaf);
        _isRewritten |= _tree.Size == earlier?.Size && _tree.Root() != earlier.Root;
    }
}
