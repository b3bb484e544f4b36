using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Tracing;
using Castellan.GatewayApi;
using Castellan.Storage.Claims;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// The effect of a call, guarded by its claim. With a ticket the claim is this process's own and fresh. Without one, either an approved
/// call comes here for the first time, or a crash lies between claim and outcome: then reads and model calls are attempted again, and a
/// write is asked after, never repeated.
/// </summary>
internal sealed class CallEffect(CallTickets tickets, CallLedger ledger, EffectRecheck recheck, EffectAttempts attempts, CallCommits commits) : WorkflowActivity<string, CallState>
{
    // A sidecar delivers at least once, also while the first delivery still runs: the second gets the answer of the first.
    public override Task<CallState> RunAsync(WorkflowActivityContext context, string callId) => commits.OnceAsync(context, callId, () => PerformAsync(context, callId));

    private async Task<CallState> PerformAsync(WorkflowActivityContext context, string callId)
    {
        var stopping = commits.StoppingOf(context);
        CallSpec spec;
        CallResult result;
        if (tickets.Take(callId) is { } fresh)
        {
            spec = fresh;
            using var span = CallSpans.Start(spec);
            result = await recheck.PolicyAsync(spec, stopping) ?? await attempts.RunAsync(spec, attempt: 1, stopping);
            CallSpans.End(span, spec, result);
        }
        else
        {
            var (call, approval) = await ledger.FindWithApprovalAsync(callId, stopping);
            if (call is null)
            {
                throw new InvalidOperationException($"call {callId} has no row");
            }

            if (call.Result is { } ended)
            {
                return ended.State;
            }

            spec = call.Spec;
            using var span = CallSpans.Start(spec);
            await recheck.WaitForToolsAsync(spec, stopping);
            var refused = approval is null ? await recheck.PolicyAsync(spec, stopping) : await recheck.ApprovedAsync(spec, approval, stopping);
            result = await ResumeAsync(spec, refused, stopping);
            CallSpans.End(span, spec, result);
        }

        tickets.PutResult(result);
        await commits.CommitAsync(context, unit => ledger.Complete(unit, spec, result));
        return result.State;
    }

    private async Task<CallResult> ResumeAsync(CallSpec spec, CallResult? refused, CancellationToken ct)
    {
        if (refused is not null && !await ledger.IsClaimedAsync(spec, ct))
        {
            return refused;
        }

        var claim = await ledger.ClaimAsync(spec, ct);
        return claim.State switch
        {
            ClaimState.Claimed => await attempts.RunAsync(spec, claim.Attempt, ct),
            // An earlier attempt may have been sent, so what it may have used is not given back.
            ClaimState.Open when Repeatable(spec) => refused is null ? await RepeatAsync(spec, claim.Attempt, ct) : refused with { Unspent = false },
            ClaimState.Open => await attempts.FindOutAsync(spec, claim.Attempt, ct),
            _ => throw new InvalidOperationException($"the claim of call {spec.CallId} is {claim.State} although the call has no result"),
        };
    }

    private async Task<CallResult> RepeatAsync(CallSpec spec, int open, CancellationToken ct)
    {
        var claim = await ledger.RenewAsync(spec, open, ct);
        return claim.State == ClaimState.Claimed
            ? await attempts.RunAsync(spec, claim.Attempt, ct)
            : throw new InvalidOperationException($"call {spec.CallId} is claimed by someone else");
    }

    internal static bool Repeatable(CallSpec spec) => spec.Tool is null || spec.Tool.Effect is ToolEffect.Read or ToolEffect.IdempotentWrite;
}
