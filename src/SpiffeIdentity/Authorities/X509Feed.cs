namespace Castellan.SpiffeIdentity;

/// <summary>Issues the SVIDs of one workload, with the bundles that go with them, and knows when the next are due.</summary>
internal sealed class X509Feed(ISvidIssuer issuer, IReadOnlyList<WorkloadIdentity> identities)
{
    private readonly SvidRenewal _renewal = new(issuer, identities);

    /// <summary>Issues, and gives the bundles that go with it, the own trust domain's first.</summary>
    /// <exception cref="IdentityDeniedException">One of the identities is denied.</exception>
    /// <exception cref="Rpc.RpcException">The server refuses, or cannot be reached.</exception>
    public async ValueTask<IssuedIdentities> IssueAsync(CancellationToken ct)
    {
        _renewal.Begin();
        var svids = new List<IssuedX509Svid>(identities.Count);
        foreach (var identity in identities)
        {
            svids.Add(await issuer.IssueX509Async(identity, ct).ConfigureAwait(false));
        }

        _renewal.Issued(svids);
        return new(svids, issuer.Bundles.X509Parts());
    }

    /// <summary>Completes when <see cref="IssueAsync"/> should run again.</summary>
    public Task WaitForChangeAsync(CancellationToken ct) => _renewal.WaitForChangeAsync(ct);
}

/// <summary>The SVIDs of one workload and whom to believe.</summary>
/// <param name="Svids">The default identity first.</param>
/// <param name="Bundles">The own trust domain's first, then the federated ones.</param>
internal sealed record IssuedIdentities(IReadOnlyList<IssuedX509Svid> Svids, IReadOnlyList<X509Bundle> Bundles);

/// <summary>The X.509 side of a list of bundles.</summary>
internal static class X509BundleParts
{
    /// <summary>The X.509 parts; a federated trust domain without any CA is left out, for an empty entry would say less.</summary>
    public static IReadOnlyList<X509Bundle> X509Parts(this IReadOnlyList<TrustBundle> bundles) =>
        [.. bundles.Take(1).Concat(bundles.Skip(1).Where(b => b.X509Authorities.Count > 0)).Select(b => b.X509)];
}
