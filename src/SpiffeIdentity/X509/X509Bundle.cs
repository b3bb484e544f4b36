using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>The X.509 authorities of one trust domain.</summary>
/// <param name="TrustDomain">Whose authorities these are; never mix two.</param>
/// <param name="Authorities">CA certificates; an empty list makes every SVID of the trust domain invalid.</param>
public sealed record X509Bundle(TrustDomain TrustDomain, IReadOnlyList<X509Certificate2> Authorities)
{
    /// <summary>Reads authorities as the Workload API carries them: DER, concatenated.</summary>
    /// <exception cref="X509SvidException">The bytes are no DER certificates.</exception>
    public static X509Bundle Parse(TrustDomain trustDomain, ReadOnlySpan<byte> der) => new(trustDomain, DerCertificates.Parse(der));

    /// <summary>The authorities as the Workload API carries them: DER, concatenated.</summary>
    public byte[] Export() => DerCertificates.Concatenate(Authorities);

    /// <summary>True when exactly this certificate is an authority of the bundle.</summary>
    internal bool Holds(X509Certificate2 certificate)
    {
        foreach (var authority in Authorities)
        {
            if (authority.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))
            {
                return true;
            }
        }

        return false;
    }
}
