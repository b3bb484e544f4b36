using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.SpiffeIdentity;

/// <summary>Seals private keys at rest: AES-256-GCM under a key from a file, as a mounted Secret or a key of this machine alone.</summary>
/// <remarks>
/// The file holds one key per line, 32 bytes as base64 or hex. The first seals; every one opens, so that the key can be changed:
/// put the new one on top, start the authority once, remove the old one.
/// </remarks>
public sealed class KeyEncryptionKey
{
    private const byte Version = 1;
    private const int KeyBytes = 32;
    private const int HeaderBytes = 1 + 4;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;
    private readonly IReadOnlyList<byte[]> _keys;

    private KeyEncryptionKey(IReadOnlyList<byte[]> keys) => _keys = keys;

    /// <summary>Reads a key file.</summary>
    /// <exception cref="AuthorityStateException">The file is missing, readable by everyone, or holds no key.</exception>
    public static KeyEncryptionKey Read(string path)
    {
        if (!File.Exists(path))
        {
            throw Unusable(path, "it does not exist");
        }

        if ((File.GetUnixFileMode(path) & Others) != 0)
        {
            throw Unusable(path, "others than its owner and group may read or change it; set its mode to 600 (or 440 for a mounted Secret)");
        }

        var keys = File.ReadLines(path).Where(l => l.Trim().Length > 0).Select(l => Decode(l.Trim())).ToList();
        return keys.Count > 0 && keys.TrueForAll(k => k is not null)
            ? new([.. keys.Select(k => k!)])
            : throw Unusable(path, "it holds no key of 32 bytes as base64 or hex on every line");
    }

    /// <summary>Reads a key file, and makes one of mode 0600 with a random key when there is none.</summary>
    /// <exception cref="AuthorityStateException">The file is readable by everyone, or holds no key.</exception>
    public static KeyEncryptionKey ReadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var temporary = $"{path}.{Environment.ProcessId}.new";
            using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: false);
        }

        return Read(path);
    }

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="plain">What is to be kept secret.</param>
    /// <param name="context">Where it belongs; opening it elsewhere fails.</param>
    internal byte[] Seal(ReadOnlySpan<byte> plain, string context)
    {
        var sealedBytes = new byte[HeaderBytes + NonceBytes + TagBytes + plain.Length];
        sealedBytes[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(sealedBytes.AsSpan(1), IdOf(_keys[0]));
        var nonce = sealedBytes.AsSpan(HeaderBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_keys[0], TagBytes);
        cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(HeaderBytes + NonceBytes + TagBytes), sealedBytes.AsSpan(HeaderBytes + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(context));
        return sealedBytes;
    }

    /// <summary>Decrypts what <see cref="Seal"/> gave.</summary>
    /// <exception cref="CryptographicException">It is damaged, of another context, or sealed with a key that the file no longer holds.</exception>
    internal byte[] Open(ReadOnlySpan<byte> sealedBytes, string context)
    {
        if (sealedBytes.Length < HeaderBytes + NonceBytes + TagBytes || sealedBytes[0] != Version)
        {
            throw new CryptographicException("the bytes are no sealed key");
        }

        var id = BinaryPrimitives.ReadUInt32BigEndian(sealedBytes[1..]);
        var key = _keys.FirstOrDefault(k => IdOf(k) == id) ?? throw new CryptographicException($"the key was sealed with key-encryption key {id:x8}, which is not in the key file");
        var plain = new byte[sealedBytes.Length - HeaderBytes - NonceBytes - TagBytes];
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Decrypt(
            sealedBytes.Slice(HeaderBytes, NonceBytes), sealedBytes[(HeaderBytes + NonceBytes + TagBytes)..], sealedBytes.Slice(HeaderBytes + NonceBytes, TagBytes),
            plain, Encoding.UTF8.GetBytes(context));
        return plain;
    }

    /// <summary>True when the first key of the file sealed it.</summary>
    internal bool IsNewest(ReadOnlySpan<byte> sealedBytes) => BinaryPrimitives.ReadUInt32BigEndian(sealedBytes[1..]) == IdOf(_keys[0]);

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => nameof(KeyEncryptionKey);

    private static uint IdOf(byte[] key) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. "castellan kek id"u8, .. key]));

    private static byte[]? Decode(string text)
    {
        try
        {
            var key = text.Length == KeyBytes * 2 ? Convert.FromHexString(text) : Convert.FromBase64String(text);
            return key.Length == KeyBytes ? key : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static AuthorityStateException Unusable(string path, string problem) => new(path, $"key-encryption key: {problem}");
}
