using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Castellan.LocalCluster.Pki;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.Authentication;

/// <summary>Finds out who makes a request: by client certificate or bearer token. Nobody is anonymous.</summary>
internal sealed class Authenticator(ClusterAuthority authority, StaticTokens tokens, ServiceAccountTokens accounts, TimeProvider clock)
{
    private const int CachedCertificates = 1024;
    private readonly ConcurrentDictionary<string, (UserInfo? User, DateTimeOffset Until)> certificates = new();

    /// <summary>The audiences of tokens for this API server.</summary>
    public static readonly IReadOnlyList<string> ApiAudiences = [ServiceAccountTokens.Issuer];

    /// <returns>Null when the request proves nothing.</returns>
    public UserInfo? Authenticate(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate) return FromCertificate(certificate);
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return null;
        return AuthenticateToken(header["Bearer ".Length..].Trim(), ApiAudiences)?.User;
    }

    /// <summary>The user behind a token and the audiences it shares with those asked for.</summary>
    public (UserInfo User, IReadOnlyList<string> Audiences)? AuthenticateToken(string token, IReadOnlyList<string> audiences)
    {
        if (token.Length == 0) return null;
        if (tokens.Find(token) is { } person) return (person, audiences);
        return accounts.Authenticate(token, audiences) is { } found ? (found.User, found.Audiences) : null;
    }

    private UserInfo? FromCertificate(X509Certificate2 certificate)
    {
        var now = clock.GetUtcNow();
        if (certificates.TryGetValue(certificate.Thumbprint, out var known) && now < known.Until) return known.User;
        var user = authority.Trusts(certificate) ? Read(certificate) : null;
        if (certificates.Count >= CachedCertificates) certificates.Clear();
        var end = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        var recheck = now + TimeSpan.FromMinutes(5);
        certificates[certificate.Thumbprint] = (user, end < recheck && end > now ? end : recheck);
        return user;
    }

    private static UserInfo? Read(X509Certificate2 certificate)
    {
        string? name = null;
        var groups = new List<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements) continue;
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue();
                    break;
                case "2.5.4.10" when part.GetSingleElementValue() is { } group:
                    groups.Add(group);
                    break;
            }
        }
        return string.IsNullOrEmpty(name) ? null : UserInfo.Of(name, groups);
    }
}
