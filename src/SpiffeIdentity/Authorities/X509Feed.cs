using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Issues the SVIDs of one workload and knows when the next are due: at half life with jitter, or when the bundle changes.</summary>
internal sealed class X509Feed(Authority authority, IReadOnlyList<WorkloadIdentity> identities)
{
    /// <summary>Renewals are spread over ± 10 % of the life, so that workloads started together do not renew together.</summary>
    private const double Jitter = 0.1;

    /// <summary>Keeps a feed from spinning when the signing CA is about to end and nothing rotates it.</summary>
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromSeconds(1);

    private IChangeToken _bundleChange = authority.BundleChange;
    private DateTimeOffset _renewAt;

    /// <summary>Issues, and gives the bundle that goes with it.</summary>
    public (IReadOnlyList<IssuedX509Svid> Svids, X509Bundle Bundle) Issue()
    {
        _bundleChange = authority.BundleChange; // taken before the bundle is read, so that no change is missed
        var svids = identities.Select(identity => authority.Issue(identity.Id, ttl: null, identity.Hint)).ToList();
        _renewAt = RenewAt(authority.Clock.GetUtcNow(), svids.Min(s => s.NotAfter));
        return (svids, authority.Bundle.X509);
    }

    /// <summary>Completes when <see cref="Issue"/> should run again.</summary>
    public Task WaitForChangeAsync(CancellationToken ct) => ChangeWaiting.WaitAsync([_bundleChange], _renewAt, authority.Clock, ct);

    private static DateTimeOffset RenewAt(DateTimeOffset now, DateTimeOffset notAfter)
    {
        var wait = (notAfter - now) * (0.5 + (((Random.Shared.NextDouble() * 2) - 1) * Jitter));
        return now + (wait > s_shortestWait ? wait : s_shortestWait);
    }
}
