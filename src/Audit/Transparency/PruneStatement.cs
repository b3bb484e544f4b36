using System.Globalization;

namespace Castellan.Audit.Transparency;

/// <summary>What the log's key says about records whose texts were removed on purpose: up to which one, and what they were.</summary>
/// <param name="Log">Name of the log.</param>
/// <param name="Through">The last of them; a multiple of 256, so that bundles of entries are whole or gone.</param>
/// <param name="Root">Root of the tree over them.</param>
/// <param name="Head">Hash of the chain at the last of them, 64 hex digits: what the first that is left must follow.</param>
/// <param name="Before">They are older than this (UTC).</param>
public sealed record PruneStatement(string Log, long Through, MerkleHash Root, string Head, DateTimeOffset Before)
{
    private const string Suffix = "/pruned"; // no log has this name, so that no statement passes for a checkpoint

    /// <summary>The text that is signed.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Log}{Suffix}\n{Through}\n{Root}\n{Head}\n{Before.UtcDateTime:O}\n");

    /// <summary>Signs the statement with the log's key.</summary>
    public SignedNote Sign(NoteSigner log, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(log);
        return log.Sign(new(ToString(), []), now);
    }

    /// <summary>Reads a statement that the log has signed.</summary>
    /// <exception cref="FormatException">It is none, another log's, or not signed by this key.</exception>
    public static PruneStatement Open(SignedNote note, NoteVerifier log)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(log);
        if (!log.HasSigned(note))
        {
            throw new FormatException($"the statement about pruned records is not signed by the key of '{log.Name}': records were removed by somebody else");
        }

        return note.Text.Split('\n') is [{ } name, { } through, { } root, { Length: 64 } head, { } before, ""] && name == log.Name + Suffix
            && long.TryParse(through, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last > 0 && last % TileAddress.FullWidth == 0
            && MerkleHash.TryParse(root, out var hash) && DateTimeOffset.TryParse(before, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? new(log.Name, last, hash, head, time)
                : throw new FormatException("the note is no statement about pruned records");
    }
}
