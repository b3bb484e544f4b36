namespace Castellan.SpiffeIdentity;

/// <summary>Where a process takes the keys that verify tokens from; replaced under the hood when they change.</summary>
public interface IJwtBundleSource
{
    /// <summary>The bundle of a trust domain as it is now; null when that trust domain is not believed, or nothing has come yet.</summary>
    TrustBundle? Find(TrustDomain trustDomain);
}

/// <summary>The keys of an authority in the same process.</summary>
/// <param name="authority">Who signs.</param>
public sealed class AuthorityJwtBundles(Authority authority) : IJwtBundleSource
{
    /// <inheritdoc />
    public TrustBundle? Find(TrustDomain trustDomain) => trustDomain == authority.TrustDomain ? authority.Bundle : null;
}
