using Castellan.GatewayApi;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Calls;

/// <summary>What orchestration <see cref="CallOrchestration"/> has to know; everything else stands in the call's row.</summary>
/// <param name="CallId">The call; equals the instance id.</param>
/// <param name="ApprovalUntil">Until when an approval is waited for; null if policy allowed the call outright.</param>
internal sealed record CallInput(string CallId, DateTimeOffset? ApprovalUntil)
{
    /// <summary>The trace of the call; the history keeps it beside the input.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    internal Telemetry.Tracing.PinnedTrace? Trace { get; init; }
}

/// <summary>
/// One call, from its accepted decision to its outcome. The decision was recorded before this starts and is never recomputed here; the
/// effect checks everything again that a human's yes rests on.
/// </summary>
internal sealed class CallOrchestration : Workflow<CallInput, CallState>
{
    /// <summary>The event that tells of a decision; its payload says nothing, the approval's row decides.</summary>
    internal const string DecisionEvent = "decision";

    public override async Task<CallState> RunAsync(WorkflowContext context, CallInput input)
    {
        if (input.ApprovalUntil is not { } until)
        {
            return await EffectAsync(context, input.CallId);
        }

        await WaitForDecisionAsync(context, until.UtcDateTime - context.CurrentUtcDateTime);
        var settled = await context.CallActivityAsync<CallState?>(nameof(SettleApproval), input.CallId);
        var state = settled ?? await EffectAsync(context, input.CallId);
        await context.CallActivityAsync(nameof(ReportCall), input.CallId);
        return state;
    }

    private static async Task<CallState> EffectAsync(WorkflowContext context, string callId)
    {
        try
        {
            return await context.CallActivityAsync<CallState>(nameof(CallEffect), callId);
        }
        catch (WorkflowTaskFailedException e)
        {
            return await context.CallActivityAsync<CallState>(nameof(CloseCall), new CloseInput(callId, e.FailureDetails.ErrorMessage));
        }
    }

    private static async Task WaitForDecisionAsync(WorkflowContext context, TimeSpan atMost)
    {
        if (atMost <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await context.WaitForExternalEventAsync<bool>(DecisionEvent, atMost);
        }
        catch (TaskCanceledException)
        {
            // Nobody decided; SettleApproval finds out whether that is still so.
        }
    }
}
