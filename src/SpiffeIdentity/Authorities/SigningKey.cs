using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>A CA certificate with its key: a root, or the intermediate that signs SVIDs.</summary>
/// <param name="Certificate">The CA certificate, without its key.</param>
/// <param name="Key">EC P-256 key; used under <see cref="Sign"/>'s lock only.</param>
/// <param name="ActiveFrom">First moment at which it signs; published before.</param>
internal sealed record SigningKey(X509Certificate2 Certificate, ECDsa Key, DateTimeOffset ActiveFrom)
{
    private readonly Lock _gate = new();

    public CaLifetime Lifetime { get; } = new(new(Certificate.NotBefore.ToUniversalTime()), new(Certificate.NotAfter.ToUniversalTime()));

    /// <summary>The extension value that leads from an SVID to this certificate.</summary>
    public byte[] AuthorityKeyIdentifier { get; } = X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false).RawData;

    /// <summary>The JWT key that lives and dies with an intermediate; null for a root.</summary>
    public JwtSigningKey? Jwt { get; init; }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate) // the platform does not promise that one ECDsa signs on many threads
        {
            return Key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }
}

/// <summary>A key that signs JWT-SVIDs.</summary>
internal sealed record JwtSigningKey(string KeyId, ECDsa Key)
{
    private readonly Lock _gate = new();

    /// <summary>The public half, as bundles carry it.</summary>
    public JwtAuthority Authority { get; } = new(KeyId, ECDsa.Create(Key.ExportParameters(false)));

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            return Key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }
}
