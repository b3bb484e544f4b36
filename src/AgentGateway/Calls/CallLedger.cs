using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Budgets;
using Castellan.AgentGateway.Runs;
using Castellan.Audit;
using Castellan.GatewayApi;
using ApprovalTally = Castellan.Policy.ApprovalTally;
using ApprovalVerdict = Castellan.Policy.ApprovalVerdict;
using Castellan.Storage;
using Castellan.Storage.Claims;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// Writes what happens to a call: its row, its claim, its audit records and its run's events, always in one unit of work. If any of
/// them cannot be written, none is, and the call does not go on.
/// </summary>
internal sealed class CallLedger(Store store, AuditLog log, PurseLedger purses, TimeProvider clock)
{
    internal TimeProvider Clock => clock;

    internal DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Accepts a call that policy allows: decision, claim and intent together.</summary>
    internal void Accept(IUnitOfWork unit, CallSpec spec)
    {
        Enter(unit, spec);
        SessionUse.Demand(unit, spec);
        CallTable.Insert(unit, spec, CallState.Running);
        log.Append(unit, CallRecords.Decided(spec));
        Event(unit, spec, CallEvents.Decided(spec));
        if (EffectClaims.TryClaim(unit, spec.CallId, spec.ArgumentsDigest, Now).State != ClaimState.Claimed)
        {
            throw new StoreConflictException($"call {spec.CallId} is claimed already");
        }

        log.Append(unit, CallRecords.Intent(spec, attempt: 1));
        purses.Reserve(unit, spec);
    }

    /// <summary>Accepts a call that policy allows, to be claimed where its effect begins.</summary>
    internal void AcceptUnclaimed(IUnitOfWork unit, CallSpec spec)
    {
        Enter(unit, spec);
        SessionUse.Demand(unit, spec);
        CallTable.Insert(unit, spec, CallState.Running);
        log.Append(unit, CallRecords.Decided(spec));
        Event(unit, spec, CallEvents.Decided(spec));
        purses.Reserve(unit, spec);
    }

    /// <summary>Accepts a call that waits for an approval.</summary>
    internal void AcceptWaiting(IUnitOfWork unit, CallSpec spec, string? retryKey)
    {
        Enter(unit, spec);
        SessionUse.Demand(unit, spec);
        CallTable.Insert(unit, spec, CallState.AwaitingApproval);
        log.Append(unit, CallRecords.Decided(spec));
        Event(unit, spec, CallEvents.Decided(spec));
        ApprovalTable.Insert(unit, spec, retryKey);
        Event(unit, spec, CallEvents.ApprovalRequested(spec));
        purses.Reserve(unit, spec);
    }

    /// <summary>Records a call that policy denies.</summary>
    internal void Deny(IUnitOfWork unit, CallSpec spec, CallResult result)
    {
        Enter(unit, spec);
        CallTable.Insert(unit, spec, CallState.Denied);
        CallTable.End(unit, result, Now);
        log.Append(unit, CallRecords.Decided(spec));
        Event(unit, spec, CallEvents.Decided(spec));
        Event(unit, spec, CallEvents.Completed(spec, result));
    }

    /// <summary>Claims an approved call for its first attempt.</summary>
    internal Task<EffectClaim> ClaimAsync(CallSpec spec, CancellationToken ct) => store.WriteAsync(unit =>
    {
        var claim = EffectClaims.TryClaim(unit, spec.CallId, spec.ArgumentsDigest, Now);
        if (claim.State == ClaimState.Claimed)
        {
            CallTable.Proceed(unit, spec.CallId);
            log.Append(unit, CallRecords.Intent(spec, claim.Attempt));
        }

        return claim;
    }, ct);

    /// <summary>Claims a call again after an attempt that left no outcome.</summary>
    internal Task<EffectClaim> RenewAsync(CallSpec spec, int openAttempt, CancellationToken ct) => store.WriteAsync(unit =>
    {
        var claim = EffectClaims.Renew(unit, spec.CallId, openAttempt, Now);
        if (claim.State == ClaimState.Claimed)
        {
            log.Append(unit, CallRecords.Intent(spec, claim.Attempt));
        }

        return claim;
    }, ct);

    /// <summary>Writes the outcome, once: a call that ended before stays as it is.</summary>
    internal void Complete(IUnitOfWork unit, CallSpec spec, CallResult result)
    {
        Enter(unit, spec);
        var now = Now;
        if (!CallTable.End(unit, result, now))
        {
            return;
        }

        EffectClaims.End(unit, spec.CallId, null, now); // the outcome stands in the call's row
        log.Append(unit, CallRecords.Completed(spec, result));
        Event(unit, spec, CallEvents.Completed(spec, result));
        if (spec is { Run: { } run, Kind: CallKind.Model })
        {
            RunTable.CountTurn(unit, run.RunId);
        }

        purses.Settle(unit, spec, result);
    }

    /// <summary>Takes a verified statement, and decides the approval if the statements together do.</summary>
    /// <param name="unit">Where it is written.</param>
    /// <param name="spec">The call.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="tally">Where the statements stand with this one.</param>
    /// <param name="others">The statements besides that <paramref name="tally"/> counts.</param>
    /// <exception cref="ApprovalDecidedException">The approval had left Pending before, or its deadline has passed.</exception>
    /// <exception cref="StatementsChangedException">Somebody else said something meanwhile.</exception>
    internal void Decide(IUnitOfWork unit, CallSpec spec, StoredStatement statement, ApprovalTally tally, IReadOnlyList<StoredStatement> others)
    {
        Enter(unit, spec);
        if (!ApprovalTable.Hold(unit, spec.CallId, Now))
        {
            throw new ApprovalDecidedException(spec.CallId);
        }

        if (!StatementTable.List(unit, spec.CallId).Where(s => s.Signer != statement.Signer).SequenceEqual(others))
        {
            throw new StatementsChangedException(spec.CallId);
        }

        StatementTable.Put(unit, spec.CallId, statement);
        var yes = statement.Verdict == ApprovalVerdict.Approve;
        if (tally.IsMet)
        {
            ApprovalTable.Decide(unit, spec.CallId, ApprovalState.Approved, string.Join(", ", others.Select(s => s.Signer).Append(statement.Signer)), Now);
        }
        else if (tally.RefusedBy is { } by)
        {
            ApprovalTable.Decide(unit, spec.CallId, ApprovalState.Refused, by, Now);
        }

        var open = yes && !tally.IsMet ? $"still needed: {ApprovalTexts.Open(tally)}" : null;
        log.Append(unit, CallRecords.Approval(spec, yes ? AuditStage.Approved : AuditStage.Refused, statement.Signer, statement.Statement, open));
        Event(unit, spec, yes ? CallEvents.Approved(spec, statement.Signer, open) : CallEvents.Refused(spec, $"refused by {statement.Signer}"));
    }

    /// <summary>Records that nobody decided in time; false if somebody just did.</summary>
    internal bool Expire(IUnitOfWork unit, CallSpec spec)
    {
        Enter(unit, spec);
        if (!ApprovalTable.Expire(unit, spec.CallId, Now))
        {
            return false;
        }

        log.Append(unit, CallRecords.Approval(spec, AuditStage.Expired, "", null, "nobody decided in time"));
        Event(unit, spec, CallEvents.Refused(spec, "nobody decided in time"));
        return true;
    }

    /// <summary>Records a decision that was not accepted: forged, by the wrong person, or for another call.</summary>
    internal Task RejectStatementAsync(CallSpec spec, string by, string statement, string reason, CancellationToken ct) =>
        log.AppendAsync(CallRecords.Approval(spec, AuditStage.Rejected, by, statement, reason), ct);

    internal Task RejectAsync(CallSpec spec, string reason, CancellationToken ct) => log.AppendAsync(CallRecords.Rejected(spec, reason), ct);

    internal Task<CallRow?> FindAsync(string callId, CancellationToken ct) => store.ReadAsync(view => CallTable.Find(view, callId), ct);

    /// <summary>The call that waits for an approval, or whose result was not handed over yet, to which an equal request belongs.</summary>
    internal Task<string?> FindRetryAsync(string retryKey, CancellationToken ct) => store.ReadAsync(view => ApprovalTable.FindRetry(view, retryKey), ct);

    /// <summary>Records that the result of an approved call was handed over: the next equal request is a new call.</summary>
    internal Task ReportAsync(string callId, CancellationToken ct) => store.WriteAsync(unit => ApprovalTable.Report(unit, callId, Now), ct);

    internal Task<(CallRow? Call, StoredApproval? Approval)> FindWithApprovalAsync(string callId, CancellationToken ct) =>
        store.ReadAsync(view => (CallTable.Find(view, callId), ApprovalTable.Find(view, callId)), ct);

    /// <summary>True once an attempt holds or held the claim of this call.</summary>
    internal Task<bool> IsClaimedAsync(CallSpec spec, CancellationToken ct) =>
        store.ReadAsync(view => EffectClaims.Find(view, spec.CallId, spec.ArgumentsDigest) is not null, ct);

    private void Enter(IUnitOfWork unit, CallSpec spec)
    {
        if (spec.Run is not null || spec.Charge is not null)
        {
            LedgerLock.Enter(unit, store.Shared);
        }
    }

    private void Event(IUnitOfWork unit, CallSpec spec, RunEvent item)
    {
        if (spec.Run is { } run)
        {
            RunEventTable.Append(unit, run.RunId, item, Now);
        }
    }
}
