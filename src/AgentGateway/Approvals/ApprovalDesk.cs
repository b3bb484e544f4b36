using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.Policy;
using Castellan.Storage;

namespace Castellan.AgentGateway.Approvals;

/// <summary>Takes in decisions on approvals and confirmations. Every attempt leaves a record, also the refused ones.</summary>
internal sealed class ApprovalDesk(CallLedger ledger, ApproverCheck check, ICallHub hub, Store store, RunFeed feed)
{
    /// <exception cref="GatewayException">404, 409: no such approval, or decided already; 403: the statement does not hold or its signer may not decide.</exception>
    internal async Task<Approval> DecideAsync(Principal user, string callId, string statement, CancellationToken ct)
    {
        var (call, approval) = await ledger.FindWithApprovalAsync(callId, ct);
        if (call is null || approval is null)
        {
            throw NotFound(callId);
        }

        if (approval.Approval.State != ApprovalState.Pending)
        {
            throw Decided(approval.Approval);
        }

        ApprovalTally? tally;
        while ((tally = await TryDecideAsync(user, call.Spec, approval, statement, ct)) is null)
        {
            approval = await FindAsync(callId, ct);
        }

        if (call.Spec.Run is { } run)
        {
            feed.Signal(run.RunId);
        }

        return (await FindAsync(callId, ct)).Approval with { StillNeeded = tally is { RefusedBy: null, IsMet: false } ? ApprovalTexts.Open(tally) : null };
    }

    /// <summary>Records that someone who may not approve at all tried to.</summary>
    internal async Task RecordRefusedAttemptAsync(Principal user, string callId, string statement, string reason, CancellationToken ct)
    {
        if ((await ledger.FindWithApprovalAsync(callId, ct)).Call is { } call)
        {
            await ledger.RejectStatementAsync(call.Spec, user.Name, statement, reason, ct);
        }
    }

    internal async Task<StoredApproval> FindAsync(string callId, CancellationToken ct) =>
        await store.ReadAsync(view => ApprovalTable.Find(view, callId), ct) ?? throw NotFound(callId);

    /// <summary>True if a call waits for a confirmation by this user.</summary>
    internal async Task<bool> IsForAsync(Principal user, string callId, CancellationToken ct) =>
        await store.ReadAsync(view => ApprovalTable.Find(view, callId), ct) is { } found && found.Approval.OnBehalfOf == user.Name
        && found.Approval.Demands.Any(demand => demand.Kind == nameof(ApprovalKind.Confirmation));

    internal Task<List<StoredApproval>> ListAsync(ApprovalState? state, CancellationToken ct) => store.ReadAsync(view => ApprovalTable.List(view, state), ct);

    /// <summary>Tells calls again of decisions that a crash kept from them.</summary>
    internal async Task RecoverAsync(CancellationToken ct)
    {
        foreach (var callId in await store.ReadAsync(ApprovalTable.DecidedButWaiting, ct))
        {
            await hub.RaiseDecisionAsync(callId, null, ct);
        }
    }

    // Where the statements stand with this one; null when somebody else said something at the same time, so that it has to be found out again.
    private async Task<ApprovalTally?> TryDecideAsync(Principal user, CallSpec spec, StoredApproval approval, string statement, CancellationToken ct)
    {
        var request = check.RequestOf(spec, spec.Decision.Demands, approval.Approval.ExpiresAt);
        var verified = await VerifyAsync(user, spec, request, statement, ct);
        var said = new StoredStatement(verified.User, verified.Statement.Decision, statement, ledger.Now);
        List<StoredStatement> others = [.. approval.Statements.Where(s => s.Signer != said.Signer)];
        var tally = ApprovalRules.Tally(request, [.. await check.VerifyAsync(request, others, ct), verified]);
        void Decide(IUnitOfWork unit) => ledger.Decide(unit, spec, said, tally, others);
        try
        {
            if (tally.IsMet || tally.RefusedBy is not null)
            {
                await hub.RaiseDecisionAsync(spec.CallId, Decide, ct);
            }
            else
            {
                await store.WriteAsync(Decide, ct);
            }

            return tally;
        }
        catch (StatementsChangedException)
        {
            return null;
        }
        catch (ApprovalDecidedException)
        {
            throw Decided((await FindAsync(spec.CallId, ct)).Approval);
        }
    }

    private async Task<VerifiedApproval> VerifyAsync(Principal user, CallSpec spec, ApprovalRequest request, string statement, CancellationToken ct)
    {
        try
        {
            var verified = await check.VerifyAsync(request, statement, ct);
            return verified.User == user.Name ? verified
                : throw new ApprovalStatementException($"the statement was signed by {verified.User} but handed in by {user.Name}");
        }
        catch (ApprovalStatementException e)
        {
            await ledger.RejectStatementAsync(spec, user.Name, statement, e.Message, ct);
            throw Refusals.Forbidden($"the decision on call {spec.CallId} is not accepted: {e.Message}", "read it with 'castellan approvals show' and sign it as one of its approvers");
        }
    }

    private static GatewayException NotFound(string callId) => Refusals.NotFound($"no call '{callId}' waits for an approval", "list them with 'castellan approvals list'");

    private static GatewayException Decided(Approval approval) => Refusals.Conflict(
        $"call {approval.CallId} is {approval.State} already{(approval.DecidedBy is { } by ? $", by {by}" : "")}", "nothing is left to decide");
}
