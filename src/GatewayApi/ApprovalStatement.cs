using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.GatewayApi;

/// <summary>What an approver decided.</summary>
public enum ApprovalVerdict
{
    /// <summary>The call may happen.</summary>
    Approve,

    /// <summary>The call may not happen.</summary>
    Refuse,
}

/// <summary>What an approver signs: exactly one call with exactly these arguments.</summary>
/// <param name="CallId">The call.</param>
/// <param name="ArgumentsDigest">Digest of its arguments, as the approval shows it.</param>
/// <param name="Decision">Yes or no.</param>
/// <param name="Approver">User name of the approver; equals the common name of their certificate.</param>
/// <param name="IssuedAt">When it was signed, Unix seconds.</param>
/// <param name="ExpiresAt">Until when it may be handed in and acted on, Unix seconds.</param>
public sealed record ApprovalClaims(
    string CallId,
    string ArgumentsDigest,
    ApprovalVerdict Decision,
    string Approver,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("exp")] long ExpiresAt);

/// <summary>A statement that holds: signature, certificate chain and name agree.</summary>
/// <param name="Claims">What was signed.</param>
/// <param name="Certificate">The approver's certificate.</param>
public sealed record VerifiedStatement(ApprovalClaims Claims, X509Certificate2 Certificate);

/// <summary>A statement does not hold.</summary>
/// <param name="message">Why, in words an approver understands.</param>
/// <param name="inner">What caused it.</param>
public sealed class ApprovalStatementException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Signs and verifies approval statements: compact JWS with ES256, certificate chain in the header.</summary>
/// <remarks>Source: RFC 7515 (compact serialization; header x5c, section 4.1.6), RFC 7518 section 3.4 (ES256).</remarks>
public static class ApprovalStatement
{
    private const string Algorithm = "ES256";
    private const string Type = "castellan-approval+jws";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const int LongestStatement = 32 * 1024;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>Signs a decision.</summary>
    /// <param name="claims">What to sign.</param>
    /// <param name="certificate">The approver's client certificate with its P-256 key.</param>
    /// <param name="intermediates">Certificates between it and the cluster's client CA, nearest first.</param>
    /// <exception cref="ApprovalStatementException">The certificate has no P-256 key.</exception>
    public static string Sign(ApprovalClaims claims, X509Certificate2 certificate, IEnumerable<X509Certificate2>? intermediates = null)
    {
        using var key = certificate.GetECDsaPrivateKey();
        if (key is not { KeySize: 256 })
        {
            throw new ApprovalStatementException($"the certificate of {claims.Approver} has no P-256 private key; use the one that the cluster issued to you");
        }

        var chain = new[] { certificate }.Concat(intermediates ?? []).Select(c => Convert.ToBase64String(c.RawData));
        var header = JsonSerializer.SerializeToUtf8Bytes(new Header(Algorithm, Type, [.. chain]), GatewayJson.Options);
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, GatewayJson.Options))}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    /// <summary>Checks form, signature, certificate chain, name and time. Whether this person may approve this call is the caller's to decide.</summary>
    /// <param name="statement">The compact JWS.</param>
    /// <param name="clientAuthorities">The cluster's client CAs: the only roots that count.</param>
    /// <param name="now">The time of the check.</param>
    /// <exception cref="ApprovalStatementException">It does not hold; the message says why.</exception>
    public static VerifiedStatement Verify(string statement, X509Certificate2Collection clientAuthorities, DateTimeOffset now)
    {
        var parts = statement.Length <= LongestStatement ? statement.Split('.') : [];
        if (parts.Length != 3)
        {
            throw new ApprovalStatementException("the statement is not a compact JWS; sign it with 'castellan approve'");
        }

        var header = Read<Header>(parts[0]);
        if (header is not { Alg: Algorithm, Typ: Type, X5c: { Count: > 0 and <= 8 } encoded })
        {
            throw new ApprovalStatementException($"the statement's header is not {Algorithm} with type {Type} and x5c; sign it with 'castellan approve'");
        }

        var chain = Certificates(encoded);
        using (var key = chain[0].GetECDsaPublicKey())
        {
            if (key is not { KeySize: 256 } || !key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256))
            {
                throw new ApprovalStatementException("the statement's signature does not verify: it was changed or signed with another key");
            }
        }

        var claims = Read<ApprovalClaims>(parts[1]);
        CheckTime(claims, now);
        CheckChain(chain, clientAuthorities, now);
        var name = chain[0].GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return name == claims.Approver ? new VerifiedStatement(claims, chain[0])
            : throw new ApprovalStatementException($"the statement names {claims.Approver} but its certificate belongs to {name}");
    }

    private static void CheckTime(ApprovalClaims claims, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        if (claims.IssuedAt > seconds + (long)ClockSkew.TotalSeconds)
        {
            throw new ApprovalStatementException("the statement was signed in the future; check the approver's clock");
        }

        if (claims.ExpiresAt <= seconds)
        {
            throw new ApprovalStatementException($"the statement expired at {DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt):u}; sign it again");
        }
    }

    private static void CheckChain(IReadOnlyList<X509Certificate2> sent, X509Certificate2Collection roots, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.ExtraStore.AddRange(sent.Skip(1).ToArray());
        if (!chain.Build(sent[0]))
        {
            var why = string.Join(", ", chain.ChainStatus.Select(s => s.Status));
            throw new ApprovalStatementException($"the statement's certificate was not issued by the cluster's client CA ({why})");
        }
    }

    private static List<X509Certificate2> Certificates(IReadOnlyList<string> encoded)
    {
        try
        {
            return [.. encoded.Select(text => X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text)))];
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new ApprovalStatementException("the statement's x5c holds no certificate", e);
        }
    }

    private static T Read<T>(string part)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Decode(part), GatewayJson.Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new ApprovalStatementException($"a part of the statement cannot be read: {e.Message}", e);
        }
    }

    private static byte[] Decode(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException e)
        {
            throw new ApprovalStatementException("a part of the statement is not base64url", e);
        }
    }

    private sealed record Header(string Alg, string Typ, IReadOnlyList<string> X5c);
}
