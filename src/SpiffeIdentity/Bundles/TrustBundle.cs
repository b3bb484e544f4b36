using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>The public keys of one trust domain, as its authority publishes them.</summary>
/// <remarks>Source: SPIFFE Trust Domain and Bundle standard, section 4. Immutable.</remarks>
/// <param name="TrustDomain">Whose keys these are.</param>
/// <param name="X509Authorities">CA certificates.</param>
/// <param name="JwtAuthorities">Keys of JWT-SVIDs.</param>
public sealed record TrustBundle(
    TrustDomain TrustDomain, IReadOnlyList<X509Certificate2> X509Authorities, IReadOnlyList<JwtAuthority> JwtAuthorities)
{
    /// <summary>Grows with every change of content; null when the publisher counts none.</summary>
    public long? Sequence { get; init; }

    /// <summary>How often to fetch the bundle again; null when the publisher names none.</summary>
    public TimeSpan? RefreshHint { get; init; }

    /// <summary>The X.509 part.</summary>
    public X509Bundle X509 => new(TrustDomain, X509Authorities);

    /// <summary>Reads the JWK Set form. Entries of unknown kind are passed over.</summary>
    /// <exception cref="TrustBundleException">The document is malformed.</exception>
    public static TrustBundle Parse(TrustDomain trustDomain, ReadOnlyMemory<byte> json) => TrustBundleJson.Parse(trustDomain, json);

    /// <summary>The JWK Set form, UTF-8.</summary>
    public byte[] Export() => TrustBundleJson.Write(this, withX509: true);

    /// <summary>The JWK Set form with the JWT keys only, as the Workload API's JWT bundles have it.</summary>
    public byte[] ExportJwtAuthorities() => TrustBundleJson.Write(this, withX509: false);
}
