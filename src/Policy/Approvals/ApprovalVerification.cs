using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Castellan.Policy;

/// <summary>Checks signed approval statements.</summary>
internal static class ApprovalVerification
{
    private const int LongestStatement = 16 * 1024;
    private const int SignatureLength = 64;
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    public static VerifiedApproval Verify(string statement, X509Certificate2Collection authorities, DateTimeOffset now)
    {
        if (statement.Length > LongestStatement) throw new ApprovalStatementException($"the statement has {statement.Length} characters; at most {LongestStatement} are allowed");
        var parts = statement.Split('.');
        if (parts.Length != 3) throw new ApprovalStatementException($"the statement has {parts.Length} parts; send a compact JWS, which has 3");
        var certificates = Load(StatementFormat.ReadHeader(StatementFormat.Decode(parts[0], "header")));
        try
        {
            var signature = StatementFormat.Decode(parts[2], "signature");
            CheckSignature(certificates[0], $"{parts[0]}.{parts[1]}", signature);
            CheckCertificate(certificates, authorities, now);
            var approval = StatementFormat.ReadPayload(StatementFormat.Decode(parts[1], "payload"));
            CheckTime(approval, now);
            var user = ClientCertificate.User(certificates[0]);
            return user == approval.Approver
                ? new VerifiedApproval(approval, user, ClientCertificate.Groups(certificates[0]))
                : throw new ApprovalStatementException($"'{user}' signed, but the statement names '{approval.Approver}'; sign with the approver's own certificate");
        }
        catch (CryptographicException e)
        {
            throw new ApprovalStatementException("the certificate is malformed; send the client certificate as it was issued", e);
        }
        finally
        {
            foreach (var certificate in certificates) certificate.Dispose();
        }
    }

    private static List<X509Certificate2> Load(IReadOnlyList<byte[]> chain)
    {
        var certificates = new List<X509Certificate2>();
        try
        {
            foreach (var der in chain) certificates.Add(X509CertificateLoader.LoadCertificate(der));
            return certificates;
        }
        catch (CryptographicException e)
        {
            foreach (var certificate in certificates) certificate.Dispose();
            throw new ApprovalStatementException("x5c holds something that is no certificate; send the client certificate as base64 of its DER form", e);
        }
    }

    private static void CheckSignature(X509Certificate2 certificate, string signed, byte[] signature)
    {
        using var key = certificate.GetECDsaPublicKey();
        if (key is null || !ClientCertificate.IsP256(key)) throw new ApprovalStatementException("the certificate's key is not ECDSA on P-256; use a client certificate with such a key");
        if (signature.Length != SignatureLength || !key.VerifyData(Encoding.ASCII.GetBytes(signed), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            throw new ApprovalStatementException("the signature does not fit the statement; sign the statement again");
        }
    }

    private static void CheckCertificate(List<X509Certificate2> certificates, X509Certificate2Collection authorities, DateTimeOffset now)
    {
        var leaf = certificates[0];
        if (leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority))
        {
            throw new ApprovalStatementException("the certificate is an authority's; sign with a client certificate");
        }
        if (!leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(e => e.EnhancedKeyUsages[ClientAuthentication] is not null))
        {
            throw new ApprovalStatementException("the certificate is not for client authentication; sign with a client certificate");
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(certificates.Skip(1).ToArray());
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        // Kubernetes has no revocation lists; nothing may be fetched over the network either.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        if (!chain.Build(leaf))
        {
            var why = string.Join(", ", chain.ChainStatus.Select(s => s.Status));
            throw new ApprovalStatementException($"the certificate is not trusted ({why}); sign with a valid client certificate of this cluster");
        }
    }

    private static void CheckTime(ApprovalStatement approval, DateTimeOffset now)
    {
        if (approval.IssuedAt > now + ClockSkew) throw new ApprovalStatementException($"the statement is from the future ({approval.IssuedAt:O}); set the clock");
        if (approval.ExpiresAt <= now) throw new ApprovalStatementException($"the statement expired at {approval.ExpiresAt:O}; approve again");
        if (approval.ExpiresAt - approval.IssuedAt > ApprovalStatement.LongestLife) throw new ApprovalStatementException($"the statement counts longer than {ApprovalStatement.LongestLife}; let it expire sooner");
    }
}
