using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
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

    /// <summary>The hub of the agent that connects; null for peers that are no agents.</summary>
    internal static string? HubOf(HttpContext context) => AgentOf(context)?.Name;

    private static Principal? AgentOf(HttpContext context) => context.PeerSpiffeId() is { } id ? Principal.OfAgent(id) : null;

    private async Task<IResult> PlaceAsync(HttpContext context, string runId, CallRequest request)
    {
        var agent = Demand(context);
        var run = await runs.FindOpenAsync(runId, agent.Name, context.RequestAborted) ?? throw NoRun(runId);
        var spec = intake.OfAgent(agent, run, request, context.Connection.RemoteIpAddress?.ToString());
        return Answer(await desk.PlaceAsync(spec, null, context.RequestAborted));
    }

    private async Task<IResult> ShowAsync(HttpContext context, string runId, string callId)
    {
        var agent = Demand(context);
        var row = await ledger.FindAsync(callId, context.RequestAborted);
        return row?.Spec.Run?.RunId == runId && row.Spec.Principal.Name == agent.Name
            ? Answer(await desk.ResultAsync(row, context.RequestAborted))
            : throw Refusals.NotFound($"run '{runId}' has no call '{callId}'", "use the id that the gateway answered");
    }

    private static Principal Demand(HttpContext context) =>
        AgentOf(context) ?? throw Refusals.Forbidden($"{context.PeerSpiffeId()} is no agent", "only pods of Agents may make calls here");

    private static IResult Answer(CallResult result) =>
        Results.Json(result, GatewayJson.Options, statusCode: result.Ended ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);

    // Somebody else's run and no run look the same, so that run ids cannot be probed.
    private static GatewayException NoRun(string runId) => Refusals.NotFound($"this agent has no open run '{runId}'", "start one with 'castellan chat'");
}
