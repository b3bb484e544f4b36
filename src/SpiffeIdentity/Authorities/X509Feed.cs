using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>
/// Issues the SVIDs of one workload and knows when the next are due: at half life with jitter, when the bundle changes, or when one of
/// the identities is denied.
/// </summary>
internal sealed class X509Feed(Authority authority, IReadOnlyList<WorkloadIdentity> identities)
{
    /// <summary>Renewals are spread over ± 10 % of the life, so that workloads started together do not renew together.</summary>
    private const double Jitter = 0.1;

    /// <summary>Keeps a feed from spinning when the signing CA is about to end and nothing rotates it.</summary>
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromSeconds(1);

    private IChangeToken _bundleChange = authority.BundleChange;
    private IChangeToken _denialChange = authority.Denials.ChangeToken;
    private DateTimeOffset _renewAt;

    /// <summary>Issues, and gives the bundle that goes with it.</summary>
    /// <exception cref="IdentityDeniedException">One of the identities is denied.</exception>
    public (IReadOnlyList<IssuedX509Svid> Svids, X509Bundle Bundle) Issue()
    {
        // Taken before what they tell of is read, so that no change is missed.
        _bundleChange = authority.BundleChange;
        _denialChange = authority.Denials.ChangeToken;
        var svids = identities.Select(identity => authority.Issue(identity.Id, ttl: null, identity.Hint)).ToList();
        _renewAt = RenewAt(authority.Clock.GetUtcNow(), svids.Min(s => s.NotAfter));
        return (svids, authority.Bundle.X509);
    }

    /// <summary>Completes when <see cref="Issue"/> should run again.</summary>
    public async Task WaitForChangeAsync(CancellationToken ct)
    {
        while (true)
        {
            await ChangeWaiting.WaitAsync([_bundleChange, _denialChange], _renewAt, authority.Clock, ct).ConfigureAwait(false);
            var isDenialAlone = _denialChange.HasChanged && !_bundleChange.HasChanged && authority.Clock.GetUtcNow() < _renewAt;
            if (!isDenialAlone || identities.Any(i => authority.Denials.Denies(i.Id)))
            {
                return;
            }

            _denialChange = authority.Denials.ChangeToken; // somebody else's: nothing to send
            if (identities.Any(i => authority.Denials.Denies(i.Id)))
            {
                return;
            }
        }
    }

    private static DateTimeOffset RenewAt(DateTimeOffset now, DateTimeOffset notAfter)
    {
        var wait = (notAfter - now) * (0.5 + (((Random.Shared.NextDouble() * 2) - 1) * Jitter));
        return now + (wait > s_shortestWait ? wait : s_shortestWait);
    }
}
