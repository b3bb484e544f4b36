using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>The authority's keys on disk: one JSON file of mode 0600 in a directory of mode 0700, replaced atomically.</summary>
/// <remarks>
/// The keys are not encrypted in the file: the key to decrypt them would have to lie on the same disk for an unattended start,
/// and whoever reads one file as this uid reads the other. What protects them is the file mode; on a cluster, the Secret's access rules.
/// </remarks>
internal sealed class AuthorityFile(string directory, TrustDomain trustDomain)
{
    private const int Version = 1;
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateDirectory = PrivateFile | UnixFileMode.UserExecute;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, AllowDuplicateProperties = false };

    public string Path { get; } = System.IO.Path.Combine(directory, $"authority-{trustDomain}.json");

    /// <summary>The keys, or null when there is no file yet.</summary>
    /// <exception cref="AuthorityStateException">The file is readable by others, damaged or another trust domain's.</exception>
    public AuthorityKeys? Read()
    {
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
            if (document.Version != Version || document.TrustDomain != trustDomain.Name)
            {
                throw new AuthorityStateException(Path, $"it holds version {document.Version} of trust domain '{document.TrustDomain}', not version {Version} of '{trustDomain}'");
            }

            return new(document.Sequence, [.. document.Roots.Select(Read)], [.. document.Signers.Select(Read)]);
        }
        catch (Exception e) when (e is JsonException or CryptographicException or FormatException or ArgumentException)
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

    private static SigningKey Read(KeyDocument document)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(document.Key, out _);
        var certificate = X509CertificateLoader.LoadCertificate(document.Certificate);
        using (certificate.CopyWithPrivateKey(key))
        {
            // Throws when the key is another certificate's.
        }

        if (document.Jwt is not { } jwt)
        {
            return new(certificate, key, document.ActiveFrom);
        }

        var jwtKey = ECDsa.Create();
        jwtKey.ImportPkcs8PrivateKey(jwt.Key, out _);
        return new(certificate, key, document.ActiveFrom) { Jwt = new(jwt.KeyId, jwtKey) };
    }

    private static KeyDocument Write(SigningKey key) => new(
        key.Certificate.RawData, key.Key.ExportPkcs8PrivateKey(), key.ActiveFrom,
        key.Jwt is { } jwt ? new(jwt.KeyId, jwt.Key.ExportPkcs8PrivateKey()) : null);

    private sealed record Document(int Version, string TrustDomain, long Sequence, IReadOnlyList<KeyDocument> Roots, IReadOnlyList<KeyDocument> Signers);

    private sealed record KeyDocument(byte[] Certificate, byte[] Key, DateTimeOffset ActiveFrom, JwtKeyDocument? Jwt);

    private sealed record JwtKeyDocument(string KeyId, byte[] Key);
}
