using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>What both sides do with the certificates of a peer: verify the chain, then ask the authorizer.</summary>
internal sealed class PeerVerification(Func<X509BundleSet> bundles, SpiffeAuthorizer authorizer, TimeProvider clock)
{
    /// <summary>The peer's ID when it may talk to us; otherwise null and the reason.</summary>
    public SpiffeId? Check(X509Certificate? leaf, X509Chain? sent, out string refusal)
    {
        if (leaf is not X509Certificate2 certificate)
        {
            refusal = "the peer showed no certificate; mutual TLS needs its X.509-SVID";
            return null;
        }

        try
        {
            // What the peer sent beside its leaf arrives as candidates of the platform's own chain.
            var id = X509SvidVerifier.Verify([certificate, .. sent?.ChainPolicy.ExtraStore ?? []], bundles(), clock.GetUtcNow());
            refusal = $"the peer is {id}; only {authorizer} may connect here";
            return authorizer.Allows(id) ? id : null;
        }
        catch (Exception e) when (e is X509SvidException or SvidUnavailableException)
        {
            refusal = e.Message;
            return null;
        }
    }
}
