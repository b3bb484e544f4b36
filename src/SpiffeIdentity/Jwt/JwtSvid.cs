namespace Castellan.SpiffeIdentity;

/// <summary>A JWT-SVID that has been verified.</summary>
/// <param name="Id">Who it proves.</param>
/// <param name="Audience">Whom it is for; at least one.</param>
/// <param name="Expiry">When it ends.</param>
/// <param name="Claims">The whole payload, as JSON.</param>
public sealed record JwtSvid(SpiffeId Id, IReadOnlyList<string> Audience, DateTimeOffset Expiry, string Claims)
{
    /// <summary>The ID and the end of validity; never the token.</summary>
    public override string ToString() => $"{Id} until {Expiry:O}";
}
