using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>A CA certificate with its key: a root, an upstream CA, or the intermediate that signs SVIDs.</summary>
/// <param name="Certificate">The CA certificate, without its key.</param>
/// <param name="Key">Used under <see cref="Sign"/>'s lock only; null for a root that only verifies any more.</param>
/// <param name="ActiveFrom">First moment at which it signs; published before.</param>
internal sealed record SigningKey(X509Certificate2 Certificate, VaultKey? Key, DateTimeOffset ActiveFrom)
{
    private readonly Lock _gate = new();

    public CaLifetime Lifetime { get; } = new(new(Certificate.NotBefore.ToUniversalTime()), new(Certificate.NotAfter.ToUniversalTime()));

    /// <summary>The extension value that leads from what this signs to this certificate.</summary>
    public byte[] AuthorityKeyIdentifier { get; } = KeyIdentifier(Certificate).RawData;

    /// <summary>The algorithm of its signatures, as certificates carry it.</summary>
    public byte[] Algorithm { get; } = Key is null ? [] : CertificateSigning.AlgorithmOf(Key.Key);

    /// <summary>Of an intermediate: the CA certificates (DER) between it and the bundle, which travel with every SVID.</summary>
    public IReadOnlyList<byte[]> Above { get; init; } = [];

    /// <summary>Of a root: what the bundle publishes for it; of an upstream CA that is no root, the roots above it.</summary>
    public IReadOnlyList<X509Certificate2> Anchors { get; init; } = [Certificate];

    /// <summary>The JWT key that lives and dies with an intermediate; null for a root.</summary>
    public JwtSigningKey? Jwt { get; init; }

    /// <summary>True when <paramref name="child"/> was signed by this key.</summary>
    public bool HasSigned(SigningKey child) =>
        child.Certificate.Extensions["2.5.29.35"] is { } identifier && identifier.RawData.AsSpan().SequenceEqual(AuthorityKeyIdentifier);

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate) // the platform does not promise that one key signs on many threads
        {
            return CertificateSigning.Sign(Key!.Key, data);
        }
    }

    public static X509AuthorityKeyIdentifierExtension KeyIdentifier(X509Certificate2 issuer)
    {
        var isNamed = issuer.Extensions["2.5.29.14"] is not null;
        return X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: isNamed, includeIssuerAndSerial: !isNamed);
    }
}

/// <summary>A key that signs JWT-SVIDs.</summary>
internal sealed record JwtSigningKey(string KeyId, VaultKey Key)
{
    private readonly Lock _gate = new();

    /// <summary>The public half, as bundles carry it.</summary>
    public JwtAuthority Authority { get; } = new(KeyId, PublicHalf(Key.Key));

    public JwsAlgorithm Algorithm { get; } = JwsAlgorithm.Of(Key.Key)[0];

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            return Algorithm.Sign(Key.Key, data);
        }
    }

    private static AsymmetricAlgorithm PublicHalf(AsymmetricAlgorithm key) => key is ECDsa ec
        ? ECDsa.Create(ec.ExportParameters(false))
        : RSA.Create(((RSA)key).ExportParameters(false));
}
