using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>Makes CA certificates: self-signed roots, and intermediates that sign SVIDs and no further CA.</summary>
internal static class CertificateAuthorities
{
    /// <summary>Validity begins this much earlier, for clocks that run behind.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    public static SigningKey NewRoot(AuthorityOptions options, IKeyVault vault, DateTimeOffset now, DateTimeOffset activeFrom)
    {
        var key = vault.Create(options.KeyType);
        var request = Request(options.TrustDomain, "root", key.Key, key.Key, pathLength: 1);
        return new(Sign(request, request.SubjectName, key.Key, now - ClockSkew, now + options.RootTtl), key, activeFrom);
    }

    public static SigningKey NewIntermediate(AuthorityOptions options, IKeyVault vault, SigningKey issuer, DateTimeOffset now, DateTimeOffset activeFrom)
    {
        var key = vault.Create(options.KeyType);
        var request = Request(options.TrustDomain, "signing", key.Key, issuer.Key!.Key, pathLength: 0);
        request.CertificateExtensions.Add(SigningKey.KeyIdentifier(issuer.Certificate));
        var end = now + options.SigningCaTtl;
        var notAfter = end < issuer.Lifetime.NotAfter ? end : issuer.Lifetime.NotAfter;
        var start = now - ClockSkew;
        var notBefore = start > issuer.Lifetime.NotBefore ? start : issuer.Lifetime.NotBefore;
        var isAnchor = issuer.Anchors.Any(a => a.RawDataMemory.Span.SequenceEqual(issuer.Certificate.RawDataMemory.Span));
        return new(Sign(request, issuer.Certificate.SubjectName, issuer.Key.Key, notBefore, notAfter), key, activeFrom)
        {
            Above = isAnchor ? [] : [issuer.Certificate.RawData, .. issuer.Above],
        };
    }

    /// <summary>16 random bytes as a positive number of constant length (RFC 5280, 4.1.2.2).</summary>
    public static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static X509Certificate2 Sign(CertificateRequest request, X500DistinguishedName issuer, AsymmetricAlgorithm issuerKey, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var certificate = request.Create(issuer, CertificateSigning.Generator(issuerKey), notBefore, notAfter, NewSerial());
        return X509CertificateLoader.LoadCertificate(certificate.RawData);
    }

    private static CertificateRequest Request(TrustDomain trustDomain, string role, AsymmetricAlgorithm key, AsymmetricAlgorithm issuerKey, int pathLength)
    {
        // The key's fingerprint in the name keeps two generations apart for those who pick issuers by name.
        var mark = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 4));
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName("Castellan");
        subject.AddCommonName($"{(trustDomain.Name.Length <= 40 ? trustDomain.Name : trustDomain.Name[..40])} {role} {mark}"); // 64 at most
        var request = new CertificateRequest(subject.Build(), new PublicKey(key), CertificateSigning.HashOf(issuerKey));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(new X509Extension(CertificateFacts.SubjectAlternativeNameOid, LeafCertificate.UriName(trustDomain.Id), false));
        return request;
    }
}
