using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Federation;

/// <summary>The foreign bundles that are in force: what workloads hear of, and the copies that outlive this process.</summary>
internal sealed class FederationHoldings(Authority authority, BundleFiles files)
{
    /// <summary>The moment by the authority's clock.</summary>
    public DateTimeOffset Now => authority.Now;

    /// <summary>All of them.</summary>
    public IReadOnlyList<TrustBundle> All => authority.Federation.Bundles;

    /// <summary>Puts in force what was kept.</summary>
    public void Restore()
    {
        foreach (var bundle in files.Read().Where(b => b.TrustDomain != authority.TrustDomain))
        {
            authority.Federation.Put(bundle);
        }
    }

    public TrustBundle? Find(TrustDomain trustDomain) => authority.Federation.Find(trustDomain);

    /// <summary>Keeps a bundle and puts it in force; one with the same content changes nothing.</summary>
    public async Task PutAsync(TrustBundle bundle, CancellationToken ct)
    {
        if (Find(bundle.TrustDomain) is { } held && held.Export().AsSpan().SequenceEqual(bundle.Export()))
        {
            return;
        }

        await files.WriteAsync(bundle, ct).ConfigureAwait(false);
        authority.Federation.Put(bundle);
    }

    public void Remove(TrustDomain trustDomain)
    {
        authority.Federation.Remove(trustDomain);
        files.Delete(trustDomain);
    }
}
