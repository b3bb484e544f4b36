using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>The bundles of other trust domains that are believed beside our own; reading takes no lock.</summary>
/// <remarks>Whoever fetches them has checked them; see <see cref="FederatedBundleCheck"/>.</remarks>
public sealed class FederatedBundles
{
    private volatile ImmutableSortedDictionary<string, TrustBundle> _bundles = ImmutableSortedDictionary.Create<string, TrustBundle>(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private CancellationTokenSource _changed = new();

    /// <summary>All of them, by name of their trust domains.</summary>
    public IReadOnlyList<TrustBundle> Bundles => [.. _bundles.Values];

    /// <summary>Fires once, when a bundle has come, changed or gone.</summary>
    public IChangeToken ChangeToken => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>The bundle of one trust domain; null when it is not believed.</summary>
    public TrustBundle? Find(TrustDomain trustDomain) => _bundles.GetValueOrDefault(trustDomain.Name);

    /// <summary>Believes a bundle from now on, in place of the one held of the same trust domain.</summary>
    public void Put(TrustBundle bundle) => Replace(bundles => bundles.SetItem(bundle.TrustDomain.Name, bundle));

    /// <summary>Believes a trust domain no more.</summary>
    public void Remove(TrustDomain trustDomain) => Replace(bundles => bundles.Remove(trustDomain.Name));

    private void Replace(Func<ImmutableSortedDictionary<string, TrustBundle>, ImmutableSortedDictionary<string, TrustBundle>> change)
    {
        CancellationTokenSource fired;
        lock (_gate)
        {
            var after = change(_bundles);
            if (ReferenceEquals(after, _bundles))
            {
                return;
            }

            _bundles = after;
            fired = Interlocked.Exchange(ref _changed, new());
        }

        fired.Cancel();
    }
}
