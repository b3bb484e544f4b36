using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.Policy;
using Castellan.Storage;

namespace Castellan.AgentGateway.Approvals;

/// <summary>Takes in decisions on approvals. Every attempt leaves a record, also the refused ones.</summary>
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

        var verified = await VerifyAsync(user, call.Spec, statement, ct);
        var state = verified.Decision == ApprovalVerdict.Approve ? ApprovalState.Approved : ApprovalState.Refused;
        try
        {
            await hub.RaiseDecisionAsync(callId, unit => ledger.Decide(unit, call.Spec, state, user.Name, statement), ct);
        }
        catch (ApprovalDecidedException)
        {
            throw Decided((await FindAsync(callId, ct)).Approval);
        }

        if (call.Spec.Run is { } run)
        {
            feed.Signal(run.RunId);
        }

        return (await FindAsync(callId, ct)).Approval;
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

    internal Task<List<StoredApproval>> ListAsync(ApprovalState? state, CancellationToken ct) => store.ReadAsync(view => ApprovalTable.List(view, state), ct);

    /// <summary>Tells calls again of decisions that a crash kept from them.</summary>
    internal async Task RecoverAsync(CancellationToken ct)
    {
        foreach (var callId in await store.ReadAsync(ApprovalTable.DecidedButWaiting, ct))
        {
            await hub.RaiseDecisionAsync(callId, null, ct);
        }
    }

    private async Task<ApprovalStatement> VerifyAsync(Principal user, CallSpec spec, string statement, CancellationToken ct)
    {
        try
        {
            var verified = await check.CheckAsync(spec, spec.Decision, statement, spec.Decision.ExpiresAt ?? DateTimeOffset.MinValue, ct);
            return verified.Approver == user.Name ? verified
                : throw new ApprovalStatementException($"the statement was signed by {verified.Approver} but handed in by {user.Name}");
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
