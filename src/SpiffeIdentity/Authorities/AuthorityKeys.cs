namespace Castellan.SpiffeIdentity;

/// <summary>All keys of an authority at one moment; immutable. Lists are in the order of making.</summary>
internal sealed record AuthorityKeys(long Sequence, IReadOnlyList<SigningKey> Roots, IReadOnlyList<SigningKey> Signers)
{
    public static AuthorityKeys None { get; } = new(0, [], []);

    public SigningKey Root(DateTimeOffset now) => Active(Roots, now);

    public SigningKey Signer(DateTimeOffset now) => Active(Signers, now);

    /// <summary>
    /// Whose JWT key signs: the newest that everyone who fetches the bundle in time knows. An X.509-SVID brings its intermediate
    /// along; a token does not bring its key, so a key that was put in force by hand signs tokens only once it has been published.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="publication">How long a key is published before it signs.</param>
    public SigningKey JwtSigner(DateTimeOffset now, TimeSpan publication)
    {
        var active = Signers.Where(s => s.Jwt is not null && s.ActiveFrom <= now && now < s.Lifetime.NotAfter).ToList();
        return active.LastOrDefault(s => s.Lifetime.NotBefore + CertificateAuthorities.ClockSkew + publication <= now) ?? active.FirstOrDefault() ?? throw NoKey(now);
    }

    private static SigningKey Active(IReadOnlyList<SigningKey> keys, DateTimeOffset now) =>
        keys.LastOrDefault(k => k.Key is not null && k.ActiveFrom <= now && now < k.Lifetime.NotAfter) ?? throw NoKey(now);

    private static InvalidOperationException NoKey(DateTimeOffset now) => new($"no signing key is valid at {now:O}; let the authority rotate first");
}
