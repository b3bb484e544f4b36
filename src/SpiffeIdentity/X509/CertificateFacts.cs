using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>What the X.509-SVID standard asks about in one certificate, read once and strictly.</summary>
/// <param name="Uris">URI names; the platform's own class does not list them.</param>
/// <param name="NamesAreCritical">Whether the extension that holds the names is critical.</param>
/// <param name="HasSubject">False when the subject is empty.</param>
/// <param name="IsCa">Whether the basic constraints say so.</param>
/// <param name="KeyUsage">Key usage; null when the certificate has none.</param>
/// <param name="Purposes">OIDs of the extended key usage; null when the certificate has none.</param>
internal sealed record CertificateFacts(
    IReadOnlyList<string> Uris, bool NamesAreCritical, bool HasSubject, bool IsCa, X509KeyUsageExtension? KeyUsage, IReadOnlyList<string>? Purposes)
{
    public const string SubjectAlternativeNameOid = "2.5.29.17";

    /// <summary>Tag of uniformResourceIdentifier in GeneralName (RFC 5280, 4.2.1.6).</summary>
    public static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>Reads a certificate.</summary>
    /// <exception cref="X509SvidException">An extension is malformed, or stands there twice (RFC 5280, 4.2).</exception>
    public static CertificateFacts Read(X509Certificate2 certificate)
    {
        try
        {
            var extensions = new Dictionary<string, X509Extension>(StringComparer.Ordinal);
            foreach (var extension in certificate.Extensions)
            {
                if (!extensions.TryAdd(extension.Oid?.Value ?? "", extension))
                {
                    throw new X509SvidException(X509SvidFault.DuplicateExtension, $"extension {extension.Oid?.Value} stands in the certificate twice; have it issued again");
                }
            }

            return Read(certificate, extensions);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or NotSupportedException)
        {
            throw new X509SvidException(X509SvidFault.MalformedExtension, "an extension of the certificate is malformed; have it issued again", e);
        }
    }

    private static CertificateFacts Read(X509Certificate2 certificate, Dictionary<string, X509Extension> extensions)
    {
        var names = extensions.GetValueOrDefault(SubjectAlternativeNameOid);
        var usage = extensions.Values.OfType<X509KeyUsageExtension>().FirstOrDefault();
        _ = usage?.KeyUsages; // decoded here, where a malformed one is caught
        return new(
            names is null ? [] : UriNames(names.RawData),
            names?.Critical ?? false,
            certificate.SubjectName.RawData is not [0x30, 0],
            extensions.Values.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority),
            usage,
            extensions.Values.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value ?? "").ToList());
    }

    /// <summary>The URI names in a subjectAltName extension.</summary>
    public static List<string> UriNames(byte[] extension)
    {
        var uris = new List<string>();
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        var names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(UriTag))
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return uris;
    }
}
