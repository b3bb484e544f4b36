using Castellan.AgentGateway.Tracing;
using Castellan.GatewayApi;
using Castellan.Storage;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Calls;

/// <summary>Ends the wait for an approval: null sends an approved call on to its effect; a state ends it here.</summary>
internal sealed class SettleApproval(CallLedger ledger, Store store, CallCommits commits) : WorkflowActivity<string, CallState?>
{
    public override async Task<CallState?> RunAsync(WorkflowActivityContext context, string callId)
    {
        var stopping = commits.StoppingOf(context);
        var (call, _) = await ledger.FindWithApprovalAsync(callId, stopping);
        var spec = call?.Spec ?? throw new InvalidOperationException($"call {callId} has no row");
        var ended = await store.WriteAsync(unit => Settle(unit, spec), stopping);
        if (ended is not null)
        {
            CallSpans.Tell(spec, ended);
        }

        return ended?.State;
    }

    private CallResult? Settle(IUnitOfWork unit, CallSpec spec)
    {
        ledger.Expire(unit, spec);
        var approval = Approvals.ApprovalTable.Find(unit, spec.CallId) ?? throw new InvalidOperationException($"call {spec.CallId} has no approval");
        var ended = approval.Approval.State switch
        {
            ApprovalState.Approved => null,
            ApprovalState.Refused => CallTexts.Ended(spec, CallState.Refused, CallTexts.Refused(spec, approval.Approval.DecidedBy ?? "an approver")),
            _ => CallTexts.Ended(spec, CallState.Expired, CallTexts.Expired(spec)),
        };
        if (ended is null)
        {
            return null;
        }

        ledger.Complete(unit, spec, ended);
        return ended;
    }
}
