using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Calls;

/// <summary>Tells the run that its call, which waited for an approval, has ended.</summary>
internal sealed class ReportCall(CallLedger ledger, RunDirectory runs, IRunHubs hubs, CallCommits commits) : WorkflowActivity<string, bool>
{
    public override async Task<bool> RunAsync(WorkflowActivityContext context, string callId)
    {
        var stopping = commits.StoppingOf(context);
        var row = await ledger.FindAsync(callId, stopping) ?? throw new InvalidOperationException($"call {callId} has no row");
        if (row is not { Spec.Run: { } run, Result: { } result } || await runs.FindAsync(run.RunId, stopping) is not { Run.State: RunState.Running } waiting)
        {
            return false;
        }

        runs.Feed.Signal(run.RunId);
        await hubs.RaiseAsync(waiting.Hub, run.RunId, result, stopping);
        return true;
    }
}
