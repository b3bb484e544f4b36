using System.Collections.Frozen;

namespace Castellan.SpiffeIdentity;

/// <summary>The bundles that a workload believes: its own trust domain's and the federated ones; immutable.</summary>
/// <param name="bundles">At most one per trust domain.</param>
public sealed class X509BundleSet(params IEnumerable<X509Bundle> bundles)
{
    private readonly FrozenDictionary<TrustDomain, X509Bundle> _bundles = bundles.ToFrozenDictionary(b => b.TrustDomain);

    /// <summary>All bundles.</summary>
    public IReadOnlyCollection<X509Bundle> Bundles => _bundles.Values;

    /// <summary>The bundle of one trust domain; null when it is not believed.</summary>
    public X509Bundle? Find(TrustDomain trustDomain) => _bundles.GetValueOrDefault(trustDomain);
}
