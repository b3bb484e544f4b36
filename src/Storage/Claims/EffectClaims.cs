namespace Castellan.Storage.Claims;

/// <summary>
/// Claims guard effects that must not repeat: a row, unique on its key, that is on disk before the effect begins. After a crash between claim and
/// outcome the row is found open: the effect may or may not have happened. Nobody may try it again, unless it may be repeated and the claim is renewed.
/// </summary>
/// <remarks>Claim and outcome can share a unit of work with whatever else must agree with them, as the gateway's audit records do.</remarks>
/// <example>
/// <code>
/// var claim = await store.WriteAsync(unit =&gt; EffectClaims.TryClaim(unit, key, digest, clock.GetUtcNow()), ct);
/// if (claim.State == ClaimState.Claimed)
/// {
///     var outcome = await PerformAsync();
///     await store.WriteAsync(unit =&gt; EffectClaims.End(unit, key, outcome, clock.GetUtcNow()), ct);
/// }
/// </code>
/// </example>
public static class EffectClaims
{
    /// <summary>The table of claims: give it to <see cref="StoreOptions.Migrations"/>.</summary>
    public static MigrationSet Schema { get; } = new("effect_claim",
    [
        new("""
            create table effect_claim(key text primary key, digest text not null, claimed_at integer not null, ended_at integer, outcome text) without rowid;
            create index effect_claim_ended on effect_claim(ended_at) where ended_at is not null;
            """,
            """
            create table effect_claim(key text primary key, digest text not null, claimed_at bigint not null, ended_at bigint, outcome text);
            create index effect_claim_ended on effect_claim(ended_at) where ended_at is not null;
            """),
        "alter table effect_claim add column attempt integer not null default 1",
    ]);

    /// <summary>Claims an effect.</summary>
    /// <param name="unit">The unit; the effect may begin when it is durable.</param>
    /// <param name="key">Names the effect; the same for every attempt.</param>
    /// <param name="digest">Of what the effect is to do; another digest under the same key is a conflict.</param>
    /// <param name="now">Now (UTC).</param>
    public static EffectClaim TryClaim(IUnitOfWork unit, string key, string digest, DateTimeOffset now)
    {
        // The database decides who is first, also among processes.
        if (unit.Execute("insert into effect_claim(key, digest, claimed_at) values($1, $2, $3) on conflict(key) do nothing", key, digest, now) == 1)
        {
            return new(ClaimState.Claimed, 1, now, null);
        }

        return Find(unit, key) switch
        {
            null => throw new StoreUnavailableException($"the claim '{key}' was just given back; try again"),
            var (found, _) when found != digest => new(ClaimState.Conflict, 0, default, null),
            var (_, claim) => claim,
        };
    }

    /// <summary>Claims an effect again that an earlier attempt left open. Only for effects that may be repeated.</summary>
    /// <param name="unit">The unit; the effect may begin when it is durable.</param>
    /// <param name="key">Names the effect.</param>
    /// <param name="openAttempt">The attempt that was found open; another number means that somebody else was faster.</param>
    /// <param name="now">Now (UTC).</param>
    public static EffectClaim Renew(IUnitOfWork unit, string key, int openAttempt, DateTimeOffset now)
    {
        if (unit.Execute("update effect_claim set attempt = attempt + 1, claimed_at = $3 where key = $1 and attempt = $2 and ended_at is null", key, openAttempt, now) == 1)
        {
            return new(ClaimState.Claimed, openAttempt + 1, now, null);
        }

        return Find(unit, key)?.Claim ?? throw new InvalidOperationException($"the effect '{key}' has no claim; claim it first");
    }

    /// <summary>Looks a claim up; null if the effect was never claimed.</summary>
    public static EffectClaim? Find(IReadView view, string key, string digest) => Find(view, key) switch
    {
        null => null,
        var (found, _) when found != digest => new(ClaimState.Conflict, 0, default, null),
        var (_, claim) => claim,
    };

    /// <summary>Writes the outcome, once.</summary>
    /// <returns>False when there is an outcome already, or no claim: what stands there holds.</returns>
    public static bool End(IUnitOfWork unit, string key, string? outcome, DateTimeOffset now) =>
        unit.Execute("update effect_claim set ended_at = $2, outcome = $3 where key = $1 and ended_at is null", key, now, outcome) == 1;

    /// <summary>Gives a claim back: the effect certainly did not happen and may be tried again.</summary>
    /// <returns>False when it has an outcome.</returns>
    public static bool GiveBack(IUnitOfWork unit, string key) => unit.Execute("delete from effect_claim where key = $1 and ended_at is null", key) == 1;

    /// <summary>Removes claims that ended before a time. The same key can be claimed again then.</summary>
    /// <returns>How many were removed: at most <paramref name="limit"/>.</returns>
    public static int RemoveEnded(IUnitOfWork unit, DateTimeOffset before, int limit) => unit.Execute(
        "delete from effect_claim where key in (select key from effect_claim where ended_at < $1 order by ended_at limit $2)", before, limit);

    private static Found? Find(IReadView view, string key) => view.First("select digest, claimed_at, ended_at, outcome, attempt from effect_claim where key = $1",
        row => new Found(row.GetString(0), new(row.IsNull(2) ? ClaimState.Open : ClaimState.Ended, row.GetInt32(4), row.GetTime(1), row.GetStringOrNull(3))), key);

    private sealed record Found(string Digest, EffectClaim Claim);
}

/// <summary>Where a claim stands.</summary>
public enum ClaimState
{
    /// <summary>The caller has it now and may perform the effect.</summary>
    Claimed,

    /// <summary>Somebody had it and left no outcome: it was interrupted, or still goes on.</summary>
    Open,

    /// <summary>The effect has its outcome.</summary>
    Ended,

    /// <summary>The key was claimed for something else.</summary>
    Conflict,
}

/// <summary>A claim.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">The attempt that holds it: 1, 2, 3 …; 0 of a conflict.</param>
/// <param name="ClaimedAt">When it was claimed (UTC).</param>
/// <param name="Outcome">What was written at its end.</param>
public readonly record struct EffectClaim(ClaimState State, int Attempt, DateTimeOffset ClaimedAt, string? Outcome);
