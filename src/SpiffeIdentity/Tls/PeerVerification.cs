using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>What both sides do with the certificates of a peer: verify the chain, then ask the authorizer.</summary>
internal sealed class PeerVerification(Func<X509BundleSet> bundles, SpiffeAuthorizer authorizer, TimeProvider clock)
{
    /// <summary>Who the peer is and whether it may talk to us.</summary>
    public PeerVerdict Check(X509Certificate? leaf, X509Chain? sent)
    {
        if (leaf is not X509Certificate2 certificate)
        {
            return new(null, "the peer showed no certificate; mutual TLS needs its X.509-SVID");
        }

        try
        {
            // What the peer sent beside its leaf arrives as candidates of the platform's own chain.
            var id = X509SvidVerifier.Verify([certificate, .. sent?.ChainPolicy.ExtraStore ?? []], bundles(), clock.GetUtcNow());
            return new(id, authorizer.Allows(id) ? null : $"the peer is {id}; only {authorizer} may connect here");
        }
        catch (Exception e) when (e is X509SvidException or SvidUnavailableException)
        {
            return new(null, e.Message);
        }
    }
}

/// <summary>What became of the look at a peer.</summary>
/// <param name="Proven">Who it proved to be; null when it proved nothing.</param>
/// <param name="Refusal">Why it may not talk to us; null when it may.</param>
internal readonly record struct PeerVerdict(SpiffeId? Proven, string? Refusal);
