using System.Text;

namespace Castellan.Audit.Transparency;

/// <summary>A log as files: <c>checkpoint</c> and <c>tile/…</c>, in the layout of C2SP tlog-tiles. It can be checked without the system that wrote it.</summary>
/// <param name="folder">Where the files are.</param>
public sealed class LogArchive(string folder)
{
    private const string CheckpointFile = "checkpoint", PrunedFile = "pruned";

    /// <summary>Writes the files of a log.</summary>
    /// <param name="checkpoint">A signed checkpoint of it.</param>
    /// <param name="size">Entries that the checkpoint covers.</param>
    /// <param name="pruned">What the log says about pruned records, whose texts it does not have; null when there are none.</param>
    /// <param name="read">Reads a file of the log.</param>
    /// <param name="written">Is told after each file how many of how many are done.</param>
    /// <param name="ct">Ends the work; what is there then is no archive: the checkpoint is written last.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public async Task WriteAsync(string checkpoint, long size, string? pruned, Func<string, CancellationToken, Task<byte[]>> read, Action<int, int> written, CancellationToken ct)
    {
        var paths = PathsOf(size, pruned is null ? 0 : ThroughOf(pruned)).ToList();
        for (var i = 0; i < paths.Count; i++)
        {
            var file = Path.Combine(folder, paths[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, await read(paths[i], ct).ConfigureAwait(false), ct).ConfigureAwait(false);
            written(i + 1, paths.Count);
        }

        if (pruned is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, PrunedFile), pruned, ct).ConfigureAwait(false);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, CheckpointFile), checkpoint, ct).ConfigureAwait(false);
    }

    /// <summary>Reads every entry and checks that together they give the root that was signed, and that they count from 1 without gaps.</summary>
    /// <param name="log">The log's key: from a source other than these files.</param>
    /// <param name="earlier">A checkpoint seen before; the log must begin with it.</param>
    /// <param name="ct">Ends the check.</param>
    /// <returns>What was found.</returns>
    public async Task<ArchiveVerification> VerifyAsync(NoteVerifier log, Checkpoint? earlier, CancellationToken ct)
    {
        try
        {
            var signed = Checkpoint.Open(SignedNote.Parse(await File.ReadAllTextAsync(Path.Combine(folder, CheckpointFile), ct).ConfigureAwait(false)), log);
            if (earlier is not null && earlier.Size > signed.Size)
            {
                return new(signed, $"the log ends at record {signed.Size}, but {earlier.Size} were signed before: its tail was cut");
            }

            return await new ArchiveCheck(this, signed, earlier).RunAsync(log, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new(null, error.Message);
        }
    }

    /// <summary>What the log said about pruned records; null when there are none.</summary>
    internal async Task<string?> PrunedAsync(CancellationToken ct) =>
        File.Exists(Path.Combine(folder, PrunedFile)) ? await File.ReadAllTextAsync(Path.Combine(folder, PrunedFile), ct).ConfigureAwait(false) : null;

    internal async Task<Tile> LeavesAsync(long index, CancellationToken ct)
    {
        var address = new TileAddress(0, index, TileAddress.FullWidth);
        var hashes = await File.ReadAllBytesAsync(Path.Combine(folder, address.Path), ct).ConfigureAwait(false);
        return hashes.Length == TileAddress.FullWidth * MerkleHash.Size ? new(address, hashes) : throw new InvalidDataException($"{address.Path} has {hashes.Length} bytes; it is cut or damaged");
    }

    /// <summary>All entries that have a text, in order.</summary>
    /// <param name="size">Entries of the log.</param>
    /// <param name="ct">Ends the reading.</param>
    public async IAsyncEnumerable<string> ReadAsync(long size, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var first = await PrunedAsync(ct).ConfigureAwait(false) is { } pruned ? ThroughOf(pruned) / TileAddress.FullWidth : 0;
        for (var bundle = first; bundle * TileAddress.FullWidth < size; bundle++)
        {
            foreach (var entry in await EntriesAsync(bundle, (int)Math.Min(TileAddress.FullWidth, size - (bundle * TileAddress.FullWidth)), ct).ConfigureAwait(false))
            {
                yield return Encoding.UTF8.GetString(entry.Span);
            }
        }
    }

    internal async Task<IReadOnlyList<ReadOnlyMemory<byte>>> EntriesAsync(long bundle, int width, CancellationToken ct)
    {
        var path = TileAddress.EntriesPath(bundle, width);
        var entries = EntryBundle.Read(await File.ReadAllBytesAsync(Path.Combine(folder, path), ct).ConfigureAwait(false));
        return entries.Count == width ? entries : throw new InvalidDataException($"{path} holds {entries.Count} entries instead of {width}; it is cut or damaged");
    }

    // Which files there are; whether the statement is to be believed is the check's affair.
    private static long ThroughOf(string pruned) =>
        pruned.Split('\n') is [_, { } through, ..] && long.TryParse(through, out var last) ? last : throw new InvalidDataException("the statement about pruned records cannot be read");

    private static IEnumerable<string> PathsOf(long size, long pruned)
    {
        for (var (level, rows) = (0, size); rows > 0; level++, rows >>= TileAddress.Height)
        {
            for (var index = 0L; index * TileAddress.FullWidth < rows; index++)
            {
                var width = (int)Math.Min(TileAddress.FullWidth, rows - (index * TileAddress.FullWidth));
                yield return new TileAddress(level, index, width).Path;
                if (level == 0 && index * TileAddress.FullWidth >= pruned)
                {
                    yield return TileAddress.EntriesPath(index, width);
                }
            }
        }
    }
}

/// <summary>What a check of an archive found.</summary>
/// <param name="Checkpoint">The checkpoint; null when it could not be read or is not the log's.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
/// <param name="PrunedThrough">The last record whose text was removed as the log itself says; 0 for none.</param>
public sealed record ArchiveVerification(Checkpoint? Checkpoint, string? Problem, long PrunedThrough = 0);
