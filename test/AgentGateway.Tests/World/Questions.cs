using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Policies;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Tests.World;

/// <summary>Questions to policy as the gateway asks them.</summary>
internal static class Questions
{
    internal static PolicyQuestion Restart(string name) => new()
    {
        Kind = CallKind.Tool,
        Principal = Principal.OfAgent(SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "agent-triage"))!,
        OnBehalfOf = "you",
        Namespace = "default",
        Server = "ops",
        Tool = "restart",
        Effect = ToolEffect.Write,
        Arguments = new JsonObject { ["name"] = name },
    };
}
