using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Castellan.KubeApi.Access;
using Castellan.KubeClient;

namespace Castellan.AgentGateway.Identity;

/// <summary>Finds out whose bearer token it is by asking the cluster (TokenReview). Answers are kept for seconds, under a hash of the token.</summary>
internal sealed class TokenAuthenticator(KubeConnection kube, TimeProvider clock)
{
    private const int MostEntries = 10_000;
    private static readonly TimeSpan KeepKnown = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepUnknown = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);

    /// <summary>The principal; null if the cluster does not know the token.</summary>
    /// <exception cref="GatewayApi.GatewayException">503: the cluster cannot be asked, so nobody is let in.</exception>
    internal async ValueTask<Principal?> FindAsync(string token, CancellationToken ct)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        var now = clock.GetUtcNow();
        if (_known.TryGetValue(key, out var entry) && entry.Until > now)
        {
            return entry.Principal;
        }

        var principal = await ReviewAsync(token, ct);
        if (_known.Count >= MostEntries)
        {
            _known.Clear();
        }

        _known[key] = new Entry(principal, now + (principal is null ? KeepUnknown : KeepKnown));
        return principal;
    }

    private async Task<Principal?> ReviewAsync(string token, CancellationToken ct)
    {
        try
        {
            var review = await kube.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token } }, ct: ct);
            return review.Status is { Authenticated: true, User: { Username: { Length: > 0 } name } user } ? Principal.OfUser(name, [.. user.Groups ?? []]) with { LoginExpiresAt = LoginToken.ExpiryOf(token) } : null;
        }
        catch (Exception e) when (e is KubeException or KubeUnreachableException)
        {
            throw Refusals.Unavailable($"the cluster cannot check the token: {e.Message}", "try again in a moment; if it lasts, check the gateway's access to TokenReview", e);
        }
    }

    private sealed record Entry(Principal? Principal, DateTimeOffset Until);
}
