using System.Globalization;

namespace Castellan.Audit.Transparency;

/// <summary>What a log commits itself to: so many entries, with this root.</summary>
/// <param name="Origin">Names the log, for example <c>castellan.local/audit</c>; the name of its key, too.</param>
/// <param name="Size">Entries.</param>
/// <param name="Root">Root of the tree over them.</param>
/// <remarks>C2SP tlog-checkpoint.</remarks>
public sealed record Checkpoint(string Origin, long Size, MerkleHash Root)
{
    /// <summary>The body that is signed.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root}\n");

    /// <summary>Signs the checkpoint with the log's key.</summary>
    /// <exception cref="ArgumentException">The key is another log's.</exception>
    public SignedNote Sign(NoteSigner log, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(log);
        return log.Verifier.Name == Origin && log.Verifier.Type == NoteKeyType.Ed25519
            ? log.Sign(new(ToString(), []), now)
            : throw new ArgumentException($"the key of '{log.Verifier.Name}' cannot sign for the log '{Origin}'", nameof(log));
    }

    /// <summary>Reads a checkpoint that the log has signed.</summary>
    /// <param name="note">The signed note.</param>
    /// <param name="log">The log's key.</param>
    /// <exception cref="FormatException">The note is no checkpoint, of another log, or not signed by this key.</exception>
    public static Checkpoint Open(SignedNote note, NoteVerifier log)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(log);
        if (!log.HasSigned(note))
        {
            throw new FormatException($"the checkpoint is not signed by the key of '{log.Name}'; it was changed, or is another log's");
        }

        var checkpoint = Parse(note.Text);
        return checkpoint.Origin == log.Name
            ? checkpoint
            : throw new FormatException($"the checkpoint is of the log '{checkpoint.Origin}', not of '{log.Name}'");
    }

    // Lines behind the third are extensions, which a reader that does not know them passes over.
    private static Checkpoint Parse(string text) =>
        text.Split('\n') is [{ Length: > 0 } origin, { } size, { } root, ..]
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var entries) && size == entries.ToString(CultureInfo.InvariantCulture)
        && MerkleHash.TryParse(root, out var hash)
            ? new(origin, entries, hash)
            : throw new FormatException("the note is no checkpoint: its lines are not origin, size and root");
}
