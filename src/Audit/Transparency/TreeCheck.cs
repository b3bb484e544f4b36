using System.Text.Json;
using Castellan.Storage;

namespace Castellan.Audit.Transparency;

/// <summary>
/// Checks the log as a whole: the chain, the tree over all records, and that what has no text any more was pruned by the log itself. For a pruned record
/// the hash in the tiles stands in: it is the right one if the root comes out right, because nobody finds another text or another hash that gives it.
/// </summary>
/// <param name="store">Where the log lies.</param>
/// <param name="log">The records.</param>
/// <param name="key">The log's key.</param>
/// <param name="signed">The newest checkpoint.</param>
internal sealed class TreeCheck(Store store, AuditLog log, NoteVerifier key, Checkpoint signed)
{
    private readonly GrowingTree _tree = new(keepsTiles: false);
    private MerkleHash? _root = signed.Size == 0 ? MerkleHash.EmptyTree : null;
    private string? _statement;
    private bool _isStated;

    /// <exception cref="FormatException">What the store says about pruning is not signed by the log.</exception>
    /// <exception cref="InvalidDataException">A tile is missing.</exception>
    internal async Task<LogVerification> RunAsync(LogHead? remembered, CancellationToken ct)
    {
        var pruned = await ReadPrunedAsync(ct).ConfigureAwait(false);
        if (pruned is not null && _tree.Root() != pruned.Root)
        {
            return new(false, 0, LogHead.Empty, $"the hashes of the {pruned.Through} pruned records do not give the root that was signed when they were pruned: the log was rewritten", 1);
        }

        var start = pruned is null ? LogHead.Empty : new LogHead(pruned.Through, pruned.Head);
        var found = (await log.VerifyAsync(remembered is { } head && head.Sequence <= start.Sequence ? null : remembered, start, Take, ct).ConfigureAwait(false)) with { PrunedThrough = start.Sequence };
        return !found.Ok ? found
            : _root is null ? found with { Ok = false, Problem = $"the log ends at record {_tree.Size}, but its checkpoint is over {signed.Size}: its tail was cut", FirstBadSequence = _tree.Size + 1 }
            : _root != signed.Root ? found with { Ok = false, Problem = $"the first {signed.Size} records do not give the root that was signed: the log was rewritten", FirstBadSequence = 1 }
            : pruned is not null && !_isStated ? found with { Ok = false, Problem = $"records 1 to {pruned.Through} are gone, and no record of the log says that they were pruned", FirstBadSequence = 1 }
            : found;
    }

    private void Take(ChainLink record, MerkleHash leaf)
    {
        _tree.Append(leaf);
        if (_tree.Size == signed.Size)
        {
            _root = _tree.Root();
        }

        _isStated |= record.Columns.Kind == "retention" && StatementOf(record.Body) == _statement;
    }

    // The leaves of the pruned records, tile by tile.
    private async Task<PruneStatement?> ReadPrunedAsync(CancellationToken ct)
    {
        if (await store.ReadAsync(PrunedTable.Find, ct).ConfigureAwait(false) is not { } row)
        {
            return null;
        }

        var statement = PruneStatement.Open(SignedNote.Parse(row.Note), key);
        _statement = row.Note;
        for (var index = 0L; index < statement.Through / TileAddress.FullWidth; index++)
        {
            var address = new TileAddress(0, index, TileAddress.FullWidth);
            var hashes = await store.ReadAsync(view => TransparencyLog.Hashes(view, address), ct).ConfigureAwait(false) ?? throw new InvalidDataException($"{address.Path} is missing; the log is cut or damaged");
            var tile = new Tile(address, hashes);
            for (var i = 0; i < tile.Address.Width; i++)
            {
                _tree.Append(tile[i]);
            }
        }

        return statement;
    }

    /// <summary>What a record about pruning states; null when it is another record.</summary>
    internal static string? StatementOf(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("retention", out var retention) && retention.TryGetProperty("statement", out var statement) ? statement.GetString() : null;
    }
}
