using System.Text.Json.Nodes;
using Castellan.ServiceDefaults.Cards;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentRuntime.Hosting;

/// <summary>Serves this agent's card, signed with the SVID of that moment: what proves to the controller that the pod has its identity.</summary>
/// <remarks>It lists no interface: an agent's work comes to it through the gateway, and nobody else may call it.</remarks>
internal static class OwnCard
{
    public static void MapOwnCard(this WebApplication app, AgentEnvironment environment)
    {
        var identity = app.Services.GetRequiredService<IX509Source>();
        var card = Of(environment);
        app.MapGet(AgentCards.Path, () => Results.Text(AgentCards.Sign(card, identity.Current.Svid).ToJsonString(), "application/json"));
    }

    private static JsonObject Of(AgentEnvironment environment) => new()
    {
        ["name"] = environment.Agent,
        ["description"] = $"Agent {environment.Agent}, run by Castellan; it is called through the gateway.",
        ["version"] = typeof(OwnCard).Assembly.GetName().Version!.ToString(3),
        ["supportedInterfaces"] = new JsonArray(),
        ["capabilities"] = new JsonObject { ["streaming"] = false, ["pushNotifications"] = false },
        ["securitySchemes"] = new JsonObject { ["spiffe"] = new JsonObject { ["mtlsSecurityScheme"] = new JsonObject { ["description"] = "Mutual TLS with X.509-SVIDs" } } },
        ["defaultInputModes"] = new JsonArray("text/plain"),
        ["defaultOutputModes"] = new JsonArray("text/plain"),
        ["skills"] = new JsonArray(),
    };
}
