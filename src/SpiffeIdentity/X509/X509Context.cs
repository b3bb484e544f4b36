namespace Castellan.SpiffeIdentity;

/// <summary>All that a workload has at one moment: its SVIDs and the bundles it believes; immutable.</summary>
/// <param name="Svids">At least one; the first is the default identity.</param>
/// <param name="Bundles">Holds at least the bundle of the default identity's trust domain.</param>
public sealed record X509Context(IReadOnlyList<X509Svid> Svids, X509BundleSet Bundles)
{
    /// <summary>The SVID to show when nobody asks for another.</summary>
    public X509Svid Svid => Svids[0];
}
