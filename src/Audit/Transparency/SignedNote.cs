using System.Buffers.Binary;
using System.Text;

namespace Castellan.Audit.Transparency;

/// <summary>A text and the signatures under it.</summary>
/// <param name="Text">What is signed; ends with a line feed.</param>
/// <param name="Signatures">In the order of their lines.</param>
/// <remarks>C2SP signed-note.</remarks>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    private const string LinePrefix = "— ";
    private const int KeyIdSize = sizeof(uint);

    /// <summary>Longest note that is read, in UTF-16 units.</summary>
    public const int LongestNote = 1_000_000;

    /// <summary>Reads a note.</summary>
    /// <exception cref="FormatException">It is not one; says what is wrong.</exception>
    public static SignedNote Parse(string note)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (note.Length > LongestNote)
        {
            throw new FormatException($"the note has {note.Length} characters; at most {LongestNote} are read");
        }

        if (note.Any(c => c < ' ' && c != '\n') || !note.EndsWith('\n'))
        {
            throw new FormatException("the note holds a control character or does not end with a line feed; it was changed on its way");
        }

        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split <= 0)
        {
            throw new FormatException("the note has no signatures: they stand behind an empty line");
        }

        var lines = note[(split + 2)..].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0
            ? throw new FormatException("the note has no signatures: they stand behind an empty line")
            : new(note[..(split + 1)], [.. lines.Select(ParseLine)]);
    }

    /// <summary>The note as it is stored and sent.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Text).Append('\n');
        foreach (var (name, keyId, signature) in Signatures)
        {
            var bytes = new byte[KeyIdSize + signature.Length];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, keyId);
            signature.CopyTo(bytes, KeyIdSize);
            text.Append(LinePrefix).Append(name).Append(' ').Append(Convert.ToBase64String(bytes)).Append('\n');
        }

        return text.ToString();
    }

    private static NoteSignature ParseLine(string line)
    {
        if (!line.StartsWith(LinePrefix, StringComparison.Ordinal) || line[LinePrefix.Length..].Split(' ') is not [{ } name, { } base64] || !NoteVerifier.IsName(name))
        {
            throw new FormatException("a signature line is not of the form '— NAME BASE64'");
        }

        try
        {
            var bytes = Convert.FromBase64String(base64);
            return bytes.Length > KeyIdSize
                ? new(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[KeyIdSize..])
                : throw new FormatException($"the signature of '{name}' is too short");
        }
        catch (FormatException error)
        {
            throw new FormatException($"the signature of '{name}' is not base64 of a key id and a signature", error);
        }
    }
}

/// <summary>One signature line.</summary>
/// <param name="Name">Who signed.</param>
/// <param name="KeyId">With which key.</param>
/// <param name="Signature">Its form depends on the key's type.</param>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature);
