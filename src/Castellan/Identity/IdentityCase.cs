using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Identity;

/// <summary>What a text claims to be.</summary>
internal enum SubjectKind
{
    SpiffeId,
    X509,
    Jwt,
    Bundle,
    Address,
}

/// <summary>One thing to check, with all that the answer depends on.</summary>
/// <param name="Subject">The text: an ID, PEM, a token, a JWK Set or an address.</param>
/// <param name="Kind">What it claims to be.</param>
/// <param name="Trust">The bundles that are believed.</param>
/// <param name="Time">The moment at which it must be valid.</param>
internal sealed record IdentityCase(string Subject, SubjectKind Kind, TrustMaterial Trust, DateTimeOffset Time)
{
    /// <summary>Whom a token must be for; null leaves that one check out.</summary>
    public string? Audience { get; init; }

    /// <summary>Whose bundle a bundle is.</summary>
    public TrustDomain? TrustDomain { get; init; }

    /// <summary>Takes the kind from the text itself.</summary>
    public static SubjectKind KindOf(string text)
    {
        var start = text.AsSpan().TrimStart();
        return start switch
        {
            _ when text.Contains("-----BEGIN", StringComparison.Ordinal) => SubjectKind.X509,
            ['{', ..] => text.Contains("\"payload\"", StringComparison.Ordinal) ? SubjectKind.Jwt : SubjectKind.Bundle,
            ['[', ..] => SubjectKind.Bundle,
            _ when start.StartsWith("unix:") || start.StartsWith("tcp:") => SubjectKind.Address,
            _ when start.StartsWith("ey") && start.Contains('.') => SubjectKind.Jwt, // {" in base64url
            _ => SubjectKind.SpiffeId,
        };
    }
}

/// <summary>The answer to a case.</summary>
/// <param name="Kind">What was checked.</param>
/// <param name="Accepted">Whether it holds.</param>
/// <param name="Reason">The one rule that is broken, as one word; null when accepted.</param>
/// <param name="Message">What was proven, or what is wrong and what to do.</param>
internal sealed record Verdict(SubjectKind Kind, bool Accepted, string? Reason, string Message)
{
    /// <summary>The SPIFFE ID that was proven or read.</summary>
    public string? Id { get; init; }

    /// <summary>When what was checked ends.</summary>
    public DateTimeOffset? Expires { get; init; }
}
