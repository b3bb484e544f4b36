using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Knows when SVIDs are due again: at half life with jitter, when a bundle changes, or when one of the identities is denied.</summary>
internal sealed class SvidRenewal(ISvidIssuer issuer, IReadOnlyList<WorkloadIdentity> identities)
{
    /// <summary>Renewals are spread over ± 10 % of the life, so that workloads started together do not renew together.</summary>
    private const double Jitter = 0.1;

    /// <summary>Keeps a renewal from spinning when the signing CA is about to end and nothing rotates it.</summary>
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromSeconds(1);

    private IChangeToken _bundleChange = issuer.BundleChange;
    private IChangeToken _denialChange = issuer.DenialChange;
    private DateTimeOffset _renewAt;

    /// <summary>Called before anything is read or issued, so that no change is missed.</summary>
    public void Begin()
    {
        _bundleChange = issuer.BundleChange;
        _denialChange = issuer.DenialChange;
    }

    /// <summary>Called when SVIDs have been issued.</summary>
    public void Issued(IEnumerable<IssuedX509Svid> svids)
    {
        var now = issuer.Clock.GetUtcNow();
        var wait = (svids.Min(s => s.NotAfter) - now) * (0.5 + (((Random.Shared.NextDouble() * 2) - 1) * Jitter));
        _renewAt = now + (wait > s_shortestWait ? wait : s_shortestWait);
    }

    /// <summary>Completes when SVIDs should be issued again.</summary>
    public async Task WaitForChangeAsync(CancellationToken ct)
    {
        while (true)
        {
            await ChangeWaiting.WaitAsync([_bundleChange, _denialChange], _renewAt, issuer.Clock, ct).ConfigureAwait(false);
            var isDenialAlone = _denialChange.HasChanged && !_bundleChange.HasChanged && issuer.Clock.GetUtcNow() < _renewAt;
            if (!isDenialAlone || identities.Any(i => issuer.Denies(i.Id)))
            {
                return;
            }

            _denialChange = issuer.DenialChange; // somebody else's: nothing to send
            if (identities.Any(i => issuer.Denies(i.Id)))
            {
                return;
            }
        }
    }
}
