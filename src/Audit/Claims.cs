using Castellan.Storage;

namespace Castellan.Audit;

/// <summary>How an attempt to claim a call ended.</summary>
public enum ClaimOutcome
{
    /// <summary>This caller may perform the effect now.</summary>
    Claimed,

    /// <summary>An earlier attempt claimed it and left no outcome: a crash, or it is still going on.</summary>
    Open,

    /// <summary>It has an outcome already; the effect must not happen again.</summary>
    Ended,

    /// <summary>It was claimed with other arguments.</summary>
    Conflict,
}

/// <summary>A claim on a call.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Attempt">The attempt that holds the claim: 1, 2, 3 …</param>
public readonly record struct Claim(ClaimOutcome Outcome, int Attempt);

/// <summary>A claim without an outcome.</summary>
/// <param name="CallId">The call.</param>
/// <param name="ArgumentsDigest">Digest of its arguments.</param>
/// <param name="Attempt">The attempt that holds the claim.</param>
/// <param name="ClaimedAt">When it was claimed (UTC).</param>
public sealed record OpenClaim(string CallId, string ArgumentsDigest, int Attempt, DateTimeOffset ClaimedAt);

/// <summary>
/// Claims guard effects: no effect happens without a claim that is on disk, and a call is claimed once. Claim and outcome are rows in
/// the same store as the log, written in the same unit of work as their audit records.
/// </summary>
public static class Claims
{
    /// <summary>Claims a call for its first attempt.</summary>
    /// <param name="unit">The unit that also appends the intent record.</param>
    /// <param name="callId">The call.</param>
    /// <param name="argumentsDigest">Digest of its arguments.</param>
    /// <param name="time">Now (UTC).</param>
    public static Claim TryClaim(IUnitOfWork unit, string callId, string argumentsDigest, DateTimeOffset time)
    {
        if (Find(unit, callId) is not { } found)
        {
            unit.Execute("insert into audit_claim(call_id, arguments_digest, attempt, claimed_at) values($1, $2, 1, $3)", callId, argumentsDigest, time);
            return new Claim(ClaimOutcome.Claimed, 1);
        }

        return found.Digest != argumentsDigest ? new Claim(ClaimOutcome.Conflict, found.Attempt)
            : new Claim(found.Ended ? ClaimOutcome.Ended : ClaimOutcome.Open, found.Attempt);
    }

    /// <summary>Claims a call again after a crash left an earlier attempt open. Only for effects that may be repeated.</summary>
    /// <param name="unit">The unit that also appends the intent record.</param>
    /// <param name="callId">The call.</param>
    /// <param name="openAttempt">The attempt that was found open; another number means somebody else was faster.</param>
    /// <param name="time">Now (UTC).</param>
    public static Claim Renew(IUnitOfWork unit, string callId, int openAttempt, DateTimeOffset time)
    {
        var changed = unit.Execute(
            "update audit_claim set attempt = attempt + 1, claimed_at = $3 where call_id = $1 and attempt = $2 and ended_at is null", callId, openAttempt, time);
        if (changed == 1)
        {
            return new Claim(ClaimOutcome.Claimed, openAttempt + 1);
        }

        return Find(unit, callId) is { } found
            ? new Claim(found.Ended ? ClaimOutcome.Ended : ClaimOutcome.Open, found.Attempt)
            : throw new InvalidOperationException($"call {callId} has no claim; claim it first");
    }

    /// <summary>Ends a claim; the unit also appends the completion record.</summary>
    /// <returns>False if it had ended before: the outcome stands and must not be written twice.</returns>
    public static bool End(IUnitOfWork unit, string callId, DateTimeOffset time) =>
        unit.Execute("update audit_claim set ended_at = $2 where call_id = $1 and ended_at is null", callId, time) == 1;

    /// <summary>Claims without an outcome, oldest first.</summary>
    public static List<OpenClaim> Open(IReadView view) => view.Query(
        "select call_id, arguments_digest, attempt, claimed_at from audit_claim where ended_at is null order by claimed_at",
        row => new OpenClaim(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetTime(3)));

    /// <summary>Whether a call was ever claimed.</summary>
    public static bool Exists(IReadView view, string callId) => Find(view, callId) is not null;

    private static Found? Find(IReadView view, string callId) => view.First(
        "select arguments_digest, attempt, ended_at from audit_claim where call_id = $1",
        row => new Found(row.GetString(0), row.GetInt32(1), !row.IsNull(2)), callId);

    private sealed record Found(string Digest, int Attempt, bool Ended);
}
