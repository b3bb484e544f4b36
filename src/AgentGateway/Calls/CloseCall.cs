using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Tracing;
using Castellan.GatewayApi;
using Castellan.Storage;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Calls;

/// <summary>A call whose effect broke off.</summary>
/// <param name="CallId">The call.</param>
/// <param name="Problem">Why.</param>
internal sealed record CloseInput(string CallId, string Problem);

/// <summary>Ends a call whose effect activity failed: nothing may stay open, and a write that may have happened is not called a failure.</summary>
internal sealed class CloseCall(CallLedger ledger, Store store, CallCommits commits) : WorkflowActivity<CloseInput, CallState>
{
    public override async Task<CallState> RunAsync(WorkflowActivityContext context, CloseInput input)
    {
        var stopping = commits.StoppingOf(context);
        var row = await ledger.FindAsync(input.CallId, stopping) ?? throw new InvalidOperationException($"call {input.CallId} has no row");
        if (row.Result is { } ended)
        {
            return ended.State;
        }

        var result = row.Spec.Tool?.Effect is ToolEffect.Write or ToolEffect.Destructive
            ? CallTexts.Ended(row.Spec, CallState.OutcomeUnknown, CallTexts.OutcomeUnknown(row.Spec))
            : CallTexts.Ended(row.Spec, CallState.Failed, $"{CallTexts.Name(row.Spec)} failed in the gateway: {input.Problem}; see its log");
        await store.WriteAsync(unit => ledger.Complete(unit, row.Spec, result), stopping);
        CallSpans.Tell(row.Spec, result);
        return result.State;
    }
}
