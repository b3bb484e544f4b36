using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>Reads the URI names of a certificate: the platform's own class does not list them.</summary>
internal static class CertificateNames
{
    public const string SubjectAlternativeNameOid = "2.5.29.17";

    /// <summary>Tag of uniformResourceIdentifier in GeneralName (RFC 5280, 4.2.1.6).</summary>
    public static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The URI names, and whether the extension that holds them is critical.</summary>
    /// <exception cref="X509SvidException">The extension is malformed or stands there twice.</exception>
    public static (IReadOnlyList<string> Uris, bool Critical) UriNames(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        X509Extension? extension = null;
        foreach (var candidate in certificate.Extensions)
        {
            if (candidate.Oid?.Value == SubjectAlternativeNameOid)
            {
                extension = extension is null ? candidate : throw Malformed(null);
            }
        }

        if (extension is null)
        {
            return ([], false);
        }

        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
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
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw Malformed(e);
        }

        return (uris, extension.Critical);
    }

    private static X509SvidException Malformed(Exception? inner) =>
        new(X509SvidFault.BadEncoding, "the subject alternative name is malformed; have the certificate issued again", inner);
}
