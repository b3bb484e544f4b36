using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>Makes CA certificates: self-signed roots, and intermediates that sign SVIDs and no further CA.</summary>
internal static class CertificateAuthorities
{
    /// <summary>Validity begins this much earlier, for clocks that run behind.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    public static SigningKey NewRoot(AuthorityOptions options, DateTimeOffset now, DateTimeOffset activeFrom)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(options.TrustDomain, "root", key, pathLength: 1);
        using var certificate = request.CreateSelfSigned(now - ClockSkew, now + options.RootTtl);
        return new(X509CertificateLoader.LoadCertificate(certificate.RawData), key, activeFrom);
    }

    public static SigningKey NewIntermediate(AuthorityOptions options, SigningKey root, DateTimeOffset now, DateTimeOffset activeFrom)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(options.TrustDomain, "signing", key, pathLength: 0);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root.Certificate, true, false));
        var end = now + options.SigningCaTtl;
        var notAfter = end < root.Lifetime.NotAfter ? end : root.Lifetime.NotAfter;
        var start = now - ClockSkew;
        var notBefore = start > root.Lifetime.NotBefore ? start : root.Lifetime.NotBefore;
        using var certificate = request.Create(
            root.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(root.Key), notBefore, notAfter, NewSerial());
        return new(X509CertificateLoader.LoadCertificate(certificate.RawData), key, activeFrom);
    }

    /// <summary>16 random bytes as a positive number of constant length (RFC 5280, 4.1.2.2).</summary>
    public static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static CertificateRequest Request(TrustDomain trustDomain, string role, ECDsa key, int pathLength)
    {
        // The key's fingerprint in the name keeps two generations apart for those who pick issuers by name.
        var mark = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 4));
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName("Castellan");
        subject.AddCommonName($"{(trustDomain.Name.Length <= 40 ? trustDomain.Name : trustDomain.Name[..40])} {role} {mark}"); // 64 at most
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(new X509Extension(CertificateFacts.SubjectAlternativeNameOid, LeafCertificate.UriName(trustDomain.Id), false));
        return request;
    }
}
