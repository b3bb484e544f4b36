using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>Certificates as the Workload API carries them: DER, one after the other, nothing between or behind.</summary>
internal static class DerCertificates
{
    public static IReadOnlyList<X509Certificate2> Parse(ReadOnlySpan<byte> der)
    {
        var certificates = new List<X509Certificate2>();
        try
        {
            while (!der.IsEmpty)
            {
                AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out _, out _, out var length);
                certificates.Add(X509CertificateLoader.LoadCertificate(der[..length]));
                der = der[length..];
            }

            return certificates;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            certificates.ForEach(c => c.Dispose());
            throw new X509SvidException(X509SvidFault.BadEncoding, "the bytes are no sequence of DER certificates; check what was sent", e);
        }
    }

    public static byte[] Concatenate(IEnumerable<X509Certificate2> certificates) => [.. certificates.SelectMany(c => c.RawData)];
}
