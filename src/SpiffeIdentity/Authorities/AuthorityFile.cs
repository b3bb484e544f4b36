using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.SpiffeIdentity;

/// <summary>The authority's keys on disk: one JSON file of mode 0600 in a directory of mode 0700, replaced atomically.</summary>
/// <remarks>What the vault stores of a private key is written as it is: sealed bytes, a handle, or PKCS#8 where nothing seals.</remarks>
internal sealed class AuthorityFile(string directory, TrustDomain trustDomain, IKeyVault vault)
{
    private const int OldestVersion = 1;
    private const int Version = 2;
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateDirectory = PrivateFile | UnixFileMode.UserExecute;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, AllowDuplicateProperties = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string Path { get; } = System.IO.Path.Combine(directory, $"authority-{trustDomain}.json");

    /// <summary>The keys, or null when there is no file yet.</summary>
    /// <param name="isStale">True when the file should be written again: it is of an older form, or its keys are not sealed as they should be.</param>
    /// <exception cref="AuthorityStateException">The file is readable by others, damaged, sealed with another key or another trust domain's.</exception>
    public AuthorityKeys? Read(out bool isStale)
    {
        isStale = false;
        if (!File.Exists(Path))
        {
            return null;
        }

        var mode = File.GetUnixFileMode(Path);
        if ((mode & ~PrivateFile) != 0)
        {
            throw new AuthorityStateException(Path, $"its mode is {Convert.ToString((int)mode, 8)}, so others may have read it; it must be 600");
        }

        try
        {
            using var stream = File.OpenRead(Path);
            var document = JsonSerializer.Deserialize<Document>(stream, s_json)
                ?? throw new JsonException("the document is null");
            if (document.Version is < OldestVersion or > Version || document.TrustDomain != trustDomain.Name)
            {
                throw new AuthorityStateException(Path, $"it holds version {document.Version} of trust domain '{document.TrustDomain}', not version {Version} of '{trustDomain}'");
            }

            var keys = new AuthorityKeys(document.Sequence, [.. document.Roots.Select(Read)], [.. document.Signers.Select(Read)]);
            isStale = document.Version < Version || document.Roots.Concat(document.Signers).Zip(keys.Roots.Concat(keys.Signers)).Any(pair => IsStale(pair.First, pair.Second));
            return keys;
        }
        catch (Exception e) when (e is JsonException or CryptographicException or FormatException or ArgumentException or NotSupportedException)
        {
            throw new AuthorityStateException(Path, $"it is damaged ({e.Message})", e);
        }
    }

    /// <summary>Writes the keys so that a crash leaves either the old file or the new one.</summary>
    public async Task WriteAsync(AuthorityKeys keys, CancellationToken ct)
    {
        Directory.CreateDirectory(directory, PrivateDirectory);
        var document = new Document(Version, trustDomain.Name, keys.Sequence, [.. keys.Roots.Select(Write)], [.. keys.Signers.Select(Write)]);
        var temporary = Path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = PrivateFile };
        await using (var stream = new FileStream(temporary, options))
        {
            await JsonSerializer.SerializeAsync(stream, document, s_json, ct).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path, overwrite: true);
    }

    private SigningKey Read(KeyDocument document)
    {
        var certificate = X509CertificateLoader.LoadCertificate(document.Certificate);
        var key = document.Key is { Length: > 0 } stored ? vault.Open(stored) : null; // an upstream CA's key is not ours to store
        if (key is not null && !CertificateSigning.Fits(certificate, key.Key))
        {
            throw new CryptographicException("a key belongs to another certificate than the one beside it");
        }

        return new(certificate, key, document.ActiveFrom)
        {
            Above = document.Above ?? [],
            Anchors = document.Anchors is { Count: > 0 } anchors ? [.. anchors.Select(a => X509CertificateLoader.LoadCertificate(a))] : [certificate],
            Jwt = document.Jwt is { } jwt ? new(jwt.KeyId, vault.Open(jwt.Key)) : null,
        };
    }

    private static bool IsStale(KeyDocument stored, SigningKey read) =>
        (stored.Key is { Length: > 0 } && !stored.Key.AsSpan().SequenceEqual(read.Key!.Stored))
        || (stored.Jwt is { } jwt && !jwt.Key.AsSpan().SequenceEqual(read.Jwt!.Key.Stored));

    private static KeyDocument Write(SigningKey key) => new(
        key.Certificate.RawData, key.Key is { Stored.Length: > 0 } own ? own.Stored : null, key.ActiveFrom,
        key.Jwt is { } jwt ? new(jwt.KeyId, jwt.Key.Stored) : null)
    {
        Above = key.Above.Count > 0 ? key.Above : null,
        Anchors = key.Jwt is null && (key.Anchors.Count != 1 || !ReferenceEquals(key.Anchors[0], key.Certificate)) ? [.. key.Anchors.Select(a => a.RawData)] : null,
    };

    private sealed record Document(int Version, string TrustDomain, long Sequence, IReadOnlyList<KeyDocument> Roots, IReadOnlyList<KeyDocument> Signers);

    private sealed record KeyDocument(byte[] Certificate, byte[]? Key, DateTimeOffset ActiveFrom, JwtKeyDocument? Jwt)
    {
        public IReadOnlyList<byte[]>? Above { get; init; }

        public IReadOnlyList<byte[]>? Anchors { get; init; }
    }

    private sealed record JwtKeyDocument(string KeyId, byte[] Key);
}
