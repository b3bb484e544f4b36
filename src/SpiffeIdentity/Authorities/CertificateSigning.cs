using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>How a key signs certificates: decided by the key alone.</summary>
internal static class CertificateSigning
{
    public static HashAlgorithmName HashOf(AsymmetricAlgorithm key) => key is ECDsa { KeySize: 384 } ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    public static byte[] Sign(AsymmetricAlgorithm key, ReadOnlySpan<byte> data) => key is ECDsa ec
        ? ec.SignData(data, HashOf(key), DSASignatureFormat.Rfc3279DerSequence)
        : ((RSA)key).SignData(data, HashOf(key), RSASignaturePadding.Pkcs1);

    public static X509SignatureGenerator Generator(AsymmetricAlgorithm key) => key is ECDsa ec
        ? X509SignatureGenerator.CreateForECDsa(ec)
        : X509SignatureGenerator.CreateForRSA((RSA)key, RSASignaturePadding.Pkcs1);

    /// <summary>The AlgorithmIdentifier that certificates carry (RFC 5758, 3.2; RFC 4055, 5).</summary>
    public static byte[] AlgorithmOf(AsymmetricAlgorithm key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(key switch
            {
                ECDsa { KeySize: 384 } => "1.2.840.10045.4.3.3",
                ECDsa => "1.2.840.10045.4.3.2",
                _ => "1.2.840.113549.1.1.11",
            });
            if (key is RSA)
            {
                writer.WriteNull();
            }
        }

        return writer.Encode();
    }

    /// <summary>True when the key belongs to the certificate.</summary>
    public static bool Fits(X509Certificate2 certificate, AsymmetricAlgorithm key) =>
        certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
}
