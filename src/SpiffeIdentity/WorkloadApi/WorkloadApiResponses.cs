using Castellan.SpiffeIdentity.Wire;

namespace Castellan.SpiffeIdentity;

/// <summary>Reads what a Workload API answers, holding it to the standard.</summary>
internal static class WorkloadApiResponses
{
    public static X509Context Read(X509SVIDResponse response)
    {
        var svids = new List<X509Svid>();
        var bundles = new Dictionary<TrustDomain, X509Bundle>();
        foreach (var entry in response.Svids.DistinctBy(s => s.Hint.Length == 0 ? s.SpiffeId : s.Hint))
        {
            var svid = X509Svid.Parse(entry.X509Svid.Span, entry.X509SvidKey.Span, entry.Hint);
            if (svid.Id.ToString() != entry.SpiffeId)
            {
                throw new X509SvidException(X509SvidFault.BadSpiffeId, $"the Workload API calls the SVID of {svid.Id} '{entry.SpiffeId}'; its server is at fault");
            }

            if (entry.Bundle.IsEmpty)
            {
                throw new X509SvidException(X509SvidFault.BundleMissing, $"the Workload API gave {svid.Id} without a bundle; its server is at fault");
            }

            svids.Add(svid);
            bundles[svid.Id.TrustDomain] = X509Bundle.Parse(svid.Id.TrustDomain, entry.Bundle.Span);
        }

        if (svids.Count == 0)
        {
            throw new X509SvidException(X509SvidFault.ChainEmpty, "the Workload API answered without an SVID; its server is at fault");
        }

        foreach (var (id, der) in response.FederatedBundles)
        {
            var trustDomain = SpiffeId.Parse(id).TrustDomain;
            bundles.TryAdd(trustDomain, X509Bundle.Parse(trustDomain, der.Span));
        }

        return new(svids, new(bundles.Values));
    }
}
