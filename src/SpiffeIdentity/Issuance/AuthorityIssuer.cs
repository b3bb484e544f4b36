using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Issues from an authority in this process.</summary>
internal sealed class AuthorityIssuer(Authority authority) : ISvidIssuer
{
    public TimeProvider Clock => authority.Clock;

    public IReadOnlyList<TrustBundle> Bundles => authority.Bundles;

    public IChangeToken BundleChange => authority.BundlesChange;

    public IChangeToken DenialChange => authority.Denials.ChangeToken;

    public bool Denies(SpiffeId id) => authority.Denials.Denies(id);

    public ValueTask<IssuedX509Svid> IssueX509Async(WorkloadIdentity identity, CancellationToken ct) =>
        ValueTask.FromResult(authority.Issue(identity.Id, ttl: null, identity.Hint));

    public ValueTask<string> IssueJwtAsync(SpiffeId id, IReadOnlyList<string> audience, CancellationToken ct) => ValueTask.FromResult(authority.IssueJwt(id, audience));
}
