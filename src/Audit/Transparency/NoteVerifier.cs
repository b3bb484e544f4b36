using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.Audit.Transparency;

/// <summary>A public key that checks signatures of notes, under a name.</summary>
/// <remarks>C2SP signed-note: <c>NAME+KEYID+KEY</c>, where KEY is base64 of a type byte (1: Ed25519, 4: cosignature with Ed25519) and the key.</remarks>
public sealed class NoteVerifier
{
    private readonly byte[] _publicKey;

    internal NoteVerifier(string name, NoteKeyType type, byte[] publicKey)
    {
        Name = name;
        Type = type;
        _publicKey = publicKey;
        KeyId = IdOf(name, type, publicKey);
    }

    /// <summary>Whose key it is; for a log its origin.</summary>
    public string Name { get; }

    /// <summary>What it signs, and how.</summary>
    public NoteKeyType Type { get; }

    /// <summary>First four bytes of the SHA-256 over name and key: tells which signature line is its.</summary>
    public uint KeyId { get; }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">It is not one, or of a type that is not known.</exception>
    public static NoteVerifier Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Trim().Split('+', 3);
        if (parts is not [{ Length: > 0 } name, { Length: 8 } id, { } key] || !IsName(name))
        {
            throw new FormatException("a key has the form NAME+KEYID+KEY; copy it whole");
        }

        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(key);
        }
        catch (FormatException error)
        {
            throw new FormatException($"the key of '{name}' is not base64; copy it whole", error);
        }

        if (bytes.Length != 1 + Ed25519.KeySize || !Enum.IsDefined((NoteKeyType)bytes[0]))
        {
            throw new FormatException($"the key of '{name}' is neither an Ed25519 key nor a cosignature key; other types are not known");
        }

        var verifier = new NoteVerifier(name, (NoteKeyType)bytes[0], bytes[1..]);
        return uint.TryParse(id, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var given) && given == verifier.KeyId
            ? verifier
            : throw new FormatException($"the key of '{name}' does not fit its id {id}; copy it whole");
    }

    /// <summary>Whether this key signed the note.</summary>
    public bool HasSigned(SignedNote note) => note.Signatures.Any(s => s.Name == Name && s.KeyId == KeyId && IsValid(note.Text, s.Signature));

    /// <summary>When this key cosigned the note; null when it did not. Only for <see cref="NoteKeyType.Cosignature"/>.</summary>
    public DateTimeOffset? CosignedAt(SignedNote note)
    {
        if (Type != NoteKeyType.Cosignature)
        {
            return null;
        }

        var mine = note.Signatures.FirstOrDefault(s => s.Name == Name && s.KeyId == KeyId && IsValid(note.Text, s.Signature));
        return mine is null ? null : DateTimeOffset.FromUnixTimeSeconds(Cosignature.SecondsOf(mine.Signature));
    }

    /// <summary>The text form.</summary>
    public override string ToString() => $"{Name}+{KeyId:x8}+{Convert.ToBase64String([(byte)Type, .. _publicKey])}";

    internal static bool IsName(string name) => name.Length > 0 && !name.Contains('+', StringComparison.Ordinal) && !name.Any(char.IsWhiteSpace);

    private bool IsValid(string text, byte[] signature) => Type == NoteKeyType.Ed25519
        ? Ed25519.Verify(_publicKey, Encoding.UTF8.GetBytes(text), signature)
        : Cosignature.TrySplit(signature, out var seconds, out var bare) && Ed25519.Verify(_publicKey, Cosignature.Message(seconds, text), bare);

    private static uint IdOf(string name, NoteKeyType type, byte[] publicKey) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)type, .. publicKey]));
}

/// <summary>What a note key signs.</summary>
public enum NoteKeyType : byte
{
    /// <summary>The note itself, with Ed25519: a log's key.</summary>
    Ed25519 = 1,

    /// <summary>That a checkpoint continues all that were seen before, with a time: a witness's key (C2SP tlog-cosignature).</summary>
    Cosignature = 4,
}
