namespace Castellan.Policy;

/// <summary>What an approver says about one call with exactly these arguments.</summary>
/// <param name="CallId">The call.</param>
/// <param name="ArgumentsDigest">Digest of its arguments, from <see cref="Digests.CanonicalJson"/>.</param>
/// <param name="Decision">What the approver says.</param>
/// <param name="Approver">User name of the approver; the same as in the certificate that signs.</param>
/// <param name="IssuedAt">When it was said; whole seconds.</param>
/// <param name="ExpiresAt">Until when it counts; whole seconds, at most an hour after <paramref name="IssuedAt"/>.</param>
public sealed record ApprovalStatement(
    string CallId, string ArgumentsDigest, ApprovalVerdict Decision, string Approver, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>The longest time for which a statement counts.</summary>
    public static TimeSpan LongestLife { get; } = TimeSpan.FromHours(1);

    /// <summary>Signs the statement.</summary>
    /// <param name="certificate">Client certificate of the approver, with its private key: ECDSA on P-256.</param>
    /// <returns>A compact JWS, ES256, with the certificate in its header (RFC 7515, <c>x5c</c>).</returns>
    /// <exception cref="ApprovalStatementException">The certificate has no usable key, or is of another user than <see cref="Approver"/>.</exception>
    public string Sign(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) => ApprovalSigning.Sign(this, certificate);

    /// <summary>Checks a signed statement: form, signature, and that certificate and statement counted when it was handed in.</summary>
    /// <param name="statement">The compact JWS.</param>
    /// <param name="authorities">The cluster's client certificate authorities; no other root counts.</param>
    /// <param name="handedIn">When it was handed in: now, or earlier for one that is looked at again.</param>
    /// <exception cref="ApprovalStatementException">The statement does not hold; says why.</exception>
    public static VerifiedApproval Verify(
        string statement, System.Security.Cryptography.X509Certificates.X509Certificate2Collection authorities, DateTimeOffset handedIn) =>
        ApprovalVerification.Verify(statement, authorities, handedIn);
}
