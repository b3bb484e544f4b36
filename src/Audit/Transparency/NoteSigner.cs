using System.Security.Cryptography;
using System.Text;

namespace Castellan.Audit.Transparency;

/// <summary>A private key that signs notes. A log's own key: never the one of a workload's identity.</summary>
public sealed class NoteSigner : IDisposable
{
    private readonly byte[] _privateKey;

    /// <param name="name">Under which name it signs; for a log its origin. No space, no plus sign.</param>
    /// <param name="privateKey">32 bytes, kept until disposed.</param>
    /// <param name="type">What it signs.</param>
    /// <exception cref="ArgumentException">The name or the key has the wrong form.</exception>
    public NoteSigner(string name, ReadOnlySpan<byte> privateKey, NoteKeyType type = NoteKeyType.Ed25519)
    {
        if (!NoteVerifier.IsName(name))
        {
            throw new ArgumentException($"'{name}' cannot name a key; leave out spaces and plus signs", nameof(name));
        }

        if (privateKey.Length != Ed25519.KeySize)
        {
            throw new ArgumentException($"an Ed25519 key has {Ed25519.KeySize} bytes, not {privateKey.Length}", nameof(privateKey));
        }

        _privateKey = privateKey.ToArray();
        Verifier = new(name, type, Ed25519.PublicKeyOf(_privateKey));
    }

    /// <summary>The public half.</summary>
    public NoteVerifier Verifier { get; }

    /// <summary>Makes the bytes of a new private key.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(Ed25519.KeySize);

    /// <summary>Reads the text form of a private key.</summary>
    /// <exception cref="FormatException">It is not one. The message does not repeat it.</exception>
    public static NoteSigner Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Trim().Split('+', 5);
        if (parts is not ["PRIVATE", "KEY", { Length: > 0 } name, { Length: 8 } id, { } base64] || !NoteVerifier.IsName(name))
        {
            throw new FormatException("a private key has the form PRIVATE+KEY+NAME+KEYID+KEY; copy it whole");
        }

        var bytes = new byte[1 + Ed25519.KeySize];
        if (!Convert.TryFromBase64String(base64, bytes, out var written) || written != bytes.Length || !Enum.IsDefined((NoteKeyType)bytes[0]))
        {
            throw new FormatException($"the private key of '{name}' is neither an Ed25519 key nor a cosignature key; copy it whole");
        }

        var signer = new NoteSigner(name, bytes.AsSpan(1), (NoteKeyType)bytes[0]);
        CryptographicOperations.ZeroMemory(bytes);
        return $"{signer.Verifier.KeyId:x8}" == id ? signer : throw new FormatException($"the private key of '{name}' does not fit its id {id}; copy it whole");
    }

    /// <summary>The text form of the private key: a secret, for a file that only its owner reads.</summary>
    public string Export() => $"PRIVATE+KEY+{Verifier.Name}+{Verifier.KeyId:x8}+{Convert.ToBase64String([(byte)Verifier.Type, .. _privateKey])}";

    /// <summary>Adds its signature to a note.</summary>
    /// <param name="note">Whose text is signed; its other signatures stay.</param>
    /// <param name="now">Time of a cosignature.</param>
    public SignedNote Sign(SignedNote note, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(note);
        var seconds = now.ToUnixTimeSeconds();
        var signature = Verifier.Type == NoteKeyType.Ed25519
            ? Ed25519.Sign(_privateKey, Encoding.UTF8.GetBytes(note.Text))
            : Cosignature.Join(seconds, Ed25519.Sign(_privateKey, Cosignature.Message(seconds, note.Text)));
        return note with { Signatures = [.. note.Signatures, new(Verifier.Name, Verifier.KeyId, signature)] };
    }

    /// <summary>Overwrites the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_privateKey);
}
