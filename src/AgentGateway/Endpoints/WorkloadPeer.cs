using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Http;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Who is on the other end of the workload listener: its SVID says it, and nothing that it sends along.</summary>
internal static class WorkloadPeer
{
    /// <summary>The hub of the agent that connects; null for peers that are no agents.</summary>
    internal static string? HubOf(HttpContext context) => AgentOf(context)?.Name;

    /// <exception cref="GatewayException">403: the peer is no agent.</exception>
    internal static Principal DemandAgent(HttpContext context) =>
        AgentOf(context) ?? throw Refusals.Forbidden($"{context.PeerSpiffeId()} is no agent", "only pods of Agents may make calls here");

    /// <summary>Somebody else's run and no run look the same, so that run ids cannot be probed.</summary>
    internal static GatewayException NoRun(string runId) => Refusals.NotFound($"this agent has no open run '{runId}'", "start one with 'castellan chat'");

    private static Principal? AgentOf(HttpContext context) => context.PeerSpiffeId() is { } id ? Principal.OfAgent(id) : null;
}
