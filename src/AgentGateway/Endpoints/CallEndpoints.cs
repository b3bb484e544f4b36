using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.AgentGateway.Tracing;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Calls of agents, on the workload listener. Whose run it is stands in the run's record; the SVID must be that agent's.</summary>
internal sealed class CallEndpoints(CallIntake intake, CallDesk desk, CallLedger ledger, RunDirectory runs)
{
    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/runs/{runId}/calls", PlaceAsync);
        app.MapGet("/v1/runs/{runId}/calls/{callId}", ShowAsync);
    }

    private async Task<IResult> PlaceAsync(HttpContext context, string runId, CallRequest request)
    {
        var agent = WorkloadPeer.DemandAgent(context);
        var run = await runs.FindOpenAsync(runId, agent.Name, context.RequestAborted) ?? throw WorkloadPeer.NoRun(runId);
        while (true)
        {
            var spec = await intake.OfAgentAsync(agent, run, request, context.Connection.RemoteIpAddress?.ToString(), context.RequestAborted);
            try
            {
                return Answer(await desk.PlaceAsync(spec with { Trace = RunSpans.OfCall(run, context) }, null, context.RequestAborted));
            }
            catch (SessionMovedException)
            {
                // A parallel call of the session was accepted first, so this one is decided with it in view. Each round one call gets on.
            }
        }
    }

    private async Task<IResult> ShowAsync(HttpContext context, string runId, string callId)
    {
        var agent = WorkloadPeer.DemandAgent(context);
        var row = await ledger.FindAsync(callId, context.RequestAborted);
        return row?.Spec.Run?.RunId == runId && row.Spec.Principal.Name == agent.Name
            ? Answer(await desk.ResultAsync(row, context.RequestAborted))
            : throw Refusals.NotFound($"run '{runId}' has no call '{callId}'", "use the id that the gateway answered");
    }

    private static IResult Answer(CallResult result) =>
        Results.Json(result, GatewayJson.Options, statusCode: result.Ended ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
}
