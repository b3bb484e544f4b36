using System.Text;
using System.Text.Json;

namespace Castellan.Audit.Transparency;

/// <summary>A log as files: <c>checkpoint</c> and <c>tile/…</c>, in the layout of C2SP tlog-tiles. It can be checked without the system that wrote it.</summary>
/// <param name="folder">Where the files are.</param>
public sealed class LogArchive(string folder)
{
    private const string CheckpointFile = "checkpoint";

    /// <summary>Writes the files of a log.</summary>
    /// <param name="checkpoint">A signed checkpoint of it.</param>
    /// <param name="size">Entries that the checkpoint covers.</param>
    /// <param name="read">Reads a file of the log.</param>
    /// <param name="written">Is told after each file how many of how many are done.</param>
    /// <param name="ct">Ends the work; what is there then is no archive: the checkpoint is written last.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public async Task WriteAsync(string checkpoint, long size, Func<string, CancellationToken, Task<byte[]>> read, Action<int, int> written, CancellationToken ct)
    {
        var paths = PathsOf(size).ToList();
        for (var i = 0; i < paths.Count; i++)
        {
            var file = Path.Combine(folder, paths[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, await read(paths[i], ct).ConfigureAwait(false), ct).ConfigureAwait(false);
            written(i + 1, paths.Count);
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

            var tree = new GrowingTree(keepsTiles: false);
            for (var bundle = 0L; tree.Size < signed.Size; bundle++)
            {
                var width = (int)Math.Min(TileAddress.FullWidth, signed.Size - tree.Size);
                foreach (var entry in await EntriesAsync(bundle, width, ct).ConfigureAwait(false))
                {
                    if (SequenceOf(entry) != tree.Size + 1)
                    {
                        return new(signed, $"record {tree.Size + 1} says of itself that it is another: it was moved or rewritten");
                    }

                    tree.Append(MerkleHash.OfLeaf(entry.Span));
                    if (tree.Size == earlier?.Size && tree.Root() != earlier.Root)
                    {
                        return new(signed, $"the first {earlier.Size} records are not those that were signed before: the log was rewritten");
                    }
                }
            }

            return new(signed, tree.Root() == signed.Root ? null : $"the {signed.Size} records do not give the root that was signed: one of them was changed");
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new(null, error.Message);
        }
    }

    /// <summary>All entries, in order.</summary>
    /// <param name="size">Entries of the log.</param>
    /// <param name="ct">Ends the reading.</param>
    public async IAsyncEnumerable<string> ReadAsync(long size, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        for (var bundle = 0L; bundle * TileAddress.FullWidth < size; bundle++)
        {
            foreach (var entry in await EntriesAsync(bundle, (int)Math.Min(TileAddress.FullWidth, size - (bundle * TileAddress.FullWidth)), ct).ConfigureAwait(false))
            {
                yield return Encoding.UTF8.GetString(entry.Span);
            }
        }
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> EntriesAsync(long bundle, int width, CancellationToken ct)
    {
        var path = TileAddress.EntriesPath(bundle, width);
        var entries = EntryBundle.Read(await File.ReadAllBytesAsync(Path.Combine(folder, path), ct).ConfigureAwait(false));
        return entries.Count == width ? entries : throw new InvalidDataException($"{path} holds {entries.Count} entries instead of {width}; it is cut or damaged");
    }

    private static IEnumerable<string> PathsOf(long size)
    {
        for (var (level, rows) = (0, size); rows > 0; level++, rows >>= TileAddress.Height)
        {
            for (var index = 0L; index * TileAddress.FullWidth < rows; index++)
            {
                var width = (int)Math.Min(TileAddress.FullWidth, rows - (index * TileAddress.FullWidth));
                yield return new TileAddress(level, index, width).Path;
                if (level == 0)
                {
                    yield return TileAddress.EntriesPath(index, width);
                }
            }
        }
    }

    private static long? SequenceOf(ReadOnlyMemory<byte> entry)
    {
        try
        {
            using var json = JsonDocument.Parse(entry);
            return json.RootElement.TryGetProperty("sequence", out var sequence) && sequence.TryGetInt64(out var number) ? number : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null; // no record: the caller says which one
        }
    }
}

/// <summary>What a check of an archive found.</summary>
/// <param name="Checkpoint">The checkpoint; null when it could not be read or is not the log's.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
public sealed record ArchiveVerification(Checkpoint? Checkpoint, string? Problem);
