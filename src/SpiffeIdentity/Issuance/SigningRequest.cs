using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>A certificate signing request: proof that the caller holds a key. What it wants to be called plays no part.</summary>
/// <remarks>Source: RFC 2986. The SPIFFE ID comes from attestation alone; a request that names another one is refused.</remarks>
internal static class SigningRequest
{
    private const int LongestBytes = 8 << 10;
    private const int ShortestRsaBits = 2048;

    /// <summary>Writes a request for a key, DER.</summary>
    public static byte[] Write(AsymmetricAlgorithm key, SpiffeId id)
    {
        var subject = new X500DistinguishedName("O=Castellan");
        var request = key switch
        {
            ECDsa ec => new CertificateRequest(subject, ec, ec.KeySize > 256 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256),
            RSA rsa => new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new ArgumentException($"a key of kind {key.GetType().Name} signs no request; take EC or RSA", nameof(key)),
        };
        request.CertificateExtensions.Add(new X509Extension(CertificateFacts.SubjectAlternativeNameOid, LeafCertificate.UriName(id), critical: false));
        return request.CreateSigningRequest();
    }

    /// <summary>The public key (SubjectPublicKeyInfo, DER) of a request whose signature is right and whose key is strong enough.</summary>
    /// <exception cref="SigningRequestException">It is malformed, its signature is wrong, its key is weak, or it asks for another identity.</exception>
    public static byte[] PublicKeyOf(byte[] der, SpiffeId id)
    {
        if (der.Length is 0 or > LongestBytes)
        {
            throw new SigningRequestException($"the signing request has {der.Length} bytes; send one PKCS#10 request of at most {LongestBytes}");
        }

        try
        {
            var request = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            var asked = request.CertificateExtensions.Where(e => e.Oid?.Value == CertificateFacts.SubjectAlternativeNameOid).SelectMany(e => CertificateFacts.UriNames(e.RawData)).ToList();
            if (asked.Exists(uri => uri != id.ToString()))
            {
                throw new SigningRequestException($"the signing request asks for another identity than {id}, which the token proves; ask for that, or for none", isForOther: true);
            }

            Check(request.PublicKey);
            return request.PublicKey.ExportSubjectPublicKeyInfo();
        }
        catch (Exception e) when (e is CryptographicException or System.Formats.Asn1.AsnContentException or NotSupportedException or ArgumentException)
        {
            throw new SigningRequestException("the signing request is no PKCS#10 request with a right signature; make it anew with the key it is for", inner: e);
        }
    }

    private static void Check(PublicKey key)
    {
        using var ec = key.GetECDsaPublicKey();
        using var rsa = ec is null ? key.GetRSAPublicKey() : null;
        var isStrong = ec is not null ? ec.KeySize is 256 or 384 : rsa is not null && rsa.KeySize >= ShortestRsaBits;
        if (!isStrong)
        {
            throw new SigningRequestException("the signing request's key is of a kind that is not signed; use EC P-256, EC P-384 or RSA of 2048 bits or more");
        }
    }
}

/// <summary>A signing request cannot be granted.</summary>
internal sealed class SigningRequestException(string message, bool isForOther = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when it asks for an identity that the caller does not have.</summary>
    public bool IsForOther { get; } = isForOther;
}
