using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Castellan.Policy;

/// <summary>Makes signed approval statements.</summary>
/// <remarks>Source: RFC 7515 (JWS), RFC 7518 section 3.4 (ES256).</remarks>
internal static class ApprovalSigning
{
    public static string Sign(ApprovalStatement statement, X509Certificate2 certificate)
    {
        if (ClientCertificate.User(certificate) is var user && user != statement.Approver)
        {
            throw new ApprovalStatementException($"the certificate is of '{user}', the approver is '{statement.Approver}'; sign with the approver's own certificate");
        }
        using var key = certificate.GetECDsaPrivateKey();
        if (key is null || !ClientCertificate.IsP256(key))
        {
            throw new ApprovalStatementException($"the certificate of '{user}' has no private key on P-256; use a client certificate with an ECDSA P-256 key");
        }
        var signed = $"{Encode(StatementFormat.WriteHeader(certificate.RawData))}.{Encode(StatementFormat.WritePayload(statement))}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
