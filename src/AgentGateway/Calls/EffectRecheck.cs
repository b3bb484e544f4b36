using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Policies;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.Policy;
using DecisionEffect = Castellan.GatewayApi.DecisionEffect;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// The last look before an effect: does what was decided, or approved, still hold? Null lets the call pass; anything else is its end.
/// </summary>
internal sealed class EffectRecheck(PolicyInForce policy, ToolCatalog tools, ApproverCheck approvers, GatewayOptions options, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>After a start the tools of a call's server may not have been listed yet; that is waited for, for a while.</summary>
    internal async Task WaitForToolsAsync(CallSpec spec, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (spec.Tool is { Method: null } tool && !tools.Knows(new NamespacedName(spec.Namespace, tool.Server)) && clock.GetElapsedTime(started).TotalSeconds < options.ToolServerPatienceSeconds)
        {
            await Task.Delay(LookAgain, clock, ct);
        }
    }

    /// <summary>Policy and tool, for a call that was allowed outright.</summary>
    internal async ValueTask<CallResult?> PolicyAsync(CallSpec spec, CancellationToken ct) => ToolFault(spec) ?? await PolicyFaultAsync(spec, ct);

    /// <summary>Statement, policy and tool, for a call that somebody approved.</summary>
    internal async Task<CallResult?> ApprovedAsync(CallSpec spec, StoredApproval approval, CancellationToken ct)
    {
        if (approval.Approval.State != ApprovalState.Approved)
        {
            return Denied(spec, $"its approval is {approval.Approval.State}");
        }

        if (await PolicyAsync(spec, ct) is { } fault)
        {
            return fault;
        }

        try
        {
            // What policy asks for now counts; where it has come to ask for nothing, what it asked for then.
            var now = await policy.DecideAsync(PolicyQuestion.Of(spec), ct);
            var request = approvers.RequestOf(spec, now.Demands.Count > 0 ? now.Demands : spec.Decision.Demands, DateTimeOffset.MaxValue);
            var tally = ApprovalRules.Tally(request, await approvers.VerifyAsync(request, approval.Statements, ct));
            return tally.IsMet ? null : Denied(spec, tally.RefusedBy is { } by ? $"{by} refused it" : $"it still needs {ApprovalTexts.Open(tally)}; ask again");
        }
        catch (ApprovalStatementException e)
        {
            return Denied(spec, $"its approval does not hold any more: {e.Message}");
        }
    }

    private CallResult? ToolFault(CallSpec spec)
    {
        if (spec.Tool is not { Method: null } tool)
        {
            return null;
        }

        var now = tools.FindListed(new NamespacedName(spec.Namespace, tool.Server), tool.Name);
        return now is null ? Denied(spec, "the tool is gone; list the tools again")
            : now.Blocked is { } blocked ? Denied(spec, $"the definition of the tool is not believed any more: {blocked}")
            : now.Digest != tool.Digest ? Denied(spec, "the tool changed its definition after the call was decided; ask again")
            : now.Effect != tool.Effect ? Denied(spec, $"the tool's effect is now {now.Effect}; ask again")
            : null;
    }

    private async ValueTask<CallResult?> PolicyFaultAsync(CallSpec spec, CancellationToken ct)
    {
        if (spec.Decision.Revision == policy.Revision)
        {
            return null;
        }

        if (spec.AskedDigest is not null)
        {
            return Denied(spec, "policy changed after it was decided, and cannot be asked again because something was taken out of the arguments; ask again");
        }

        var now = await policy.DecideAsync(PolicyQuestion.Of(spec), ct);
        return now.Effect == DecisionEffect.Deny ? Denied(spec, $"policy changed after it was decided: {now.Reason}")
            : now.Demands.Count > 0 && spec.Decision.Demands.Count == 0 ? Denied(spec, "policy now asks for an approval; ask again")
            : null;
    }

    private static CallResult Denied(CallSpec spec, string why) => CallTexts.Ended(spec, CallState.Denied, $"{CallTexts.Name(spec)} is denied: {why}");
}
