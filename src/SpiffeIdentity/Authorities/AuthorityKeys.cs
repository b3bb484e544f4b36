namespace Castellan.SpiffeIdentity;

/// <summary>All keys of an authority at one moment; immutable. Lists are in the order of making.</summary>
internal sealed record AuthorityKeys(long Sequence, IReadOnlyList<SigningKey> Roots, IReadOnlyList<SigningKey> Signers)
{
    public static AuthorityKeys None { get; } = new(0, [], []);

    public SigningKey Root(DateTimeOffset now) => Active(Roots, now);

    public SigningKey Signer(DateTimeOffset now) => Active(Signers, now);

    /// <summary>The next moment at which <see cref="AuthorityRotation"/> has something to do.</summary>
    public DateTimeOffset NextChangeAt => new[] { Roots, Signers }.Min(keys => NextOf(keys));

    private static DateTimeOffset NextOf(IReadOnlyList<SigningKey> keys)
    {
        var drop = keys.Min(k => k.Lifetime.NotAfter);
        var prepare = keys[^1].Lifetime.PrepareNextAt;
        return drop < prepare ? drop : prepare;
    }

    private static SigningKey Active(IReadOnlyList<SigningKey> keys, DateTimeOffset now) =>
        keys.LastOrDefault(k => k.ActiveFrom <= now && now < k.Lifetime.NotAfter)
            ?? throw new InvalidOperationException($"no signing key is valid at {now:O}; let the authority rotate first");
}
