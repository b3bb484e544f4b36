using System.Text.Json.Nodes;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Requests;
using Castellan.KubeApi;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Tests.Requests;

/// <summary>The gateway's side towards tool servers, let loose on the server of a scenario: lists, reads and calls all there is.</summary>
internal static class ConformanceClient
{
    internal static async Task<int> RunAsync(Uri url)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        var ct = limit.Token;
        await using var link = new ToolServerLink(new NamespacedName("default", "examined"), new SocketsHttpHandler(), () => url, _ => { }, NullLoggerFactory.Instance);
        var tools = await link.ListToolsAsync(ct);
        foreach (var (name, arguments) in Calls(tools))
        {
            await link.CallAsync(name, arguments, Call(), ct);
            var schema = tools.First(t => t.Name == name).InputSchema;
            await TryAsync(link, new ServerRequest(RequestMethods.ToolsCall, new JsonObject { ["name"] = name, ["arguments"] = arguments.DeepClone() }) { Call = Call(), Schema = schema }, ct);
        }

        foreach (var resource in (await TryAsync(link, new ServerRequest(RequestMethods.ResourcesList, []), ct))?["resources"] as JsonArray ?? [])
        {
            await TryAsync(link, new ServerRequest(RequestMethods.ResourcesRead, new JsonObject { ["uri"] = resource!["uri"]!.DeepClone() }), ct);
        }

        foreach (var prompt in (await TryAsync(link, new ServerRequest(RequestMethods.PromptsList, []), ct))?["prompts"] as JsonArray ?? [])
        {
            await TryAsync(link, new ServerRequest(RequestMethods.PromptsGet, new JsonObject { ["name"] = prompt!["name"]!.DeepClone() }), ct);
        }

        return 0;
    }

    // What the scenario says to call; else every tool, with a number for each argument.
    private static IEnumerable<(string Name, JsonObject Arguments)> Calls(IEnumerable<Tool> tools)
    {
        var context = Environment.GetEnvironmentVariable("MCP_CONFORMANCE_CONTEXT") is { Length: > 0 } text ? JsonNode.Parse(text) : null;
        return context?["toolCalls"] is JsonArray wanted
            ? wanted.Select(c => ((string)c!["name"]!, c["arguments"]!.DeepClone().AsObject()))
            : tools.Select(t => (t.Name, new JsonObject(t.InputSchema.TryGetProperty("properties", out var properties)
                ? properties.EnumerateObject().Select((p, i) => KeyValuePair.Create(p.Name, ValueFor(p.Value, i)))
                : [])));
    }

    private static JsonNode? ValueFor(System.Text.Json.JsonElement schema, int i) =>
        schema.ValueKind == System.Text.Json.JsonValueKind.Object && schema.TryGetProperty("type", out var type) && type.ToString() is "number" or "integer"
            ? i + 1 : $"value{i + 1}";

    private static JsonObject Call() => new() { ["callId"] = "examined", ["attempt"] = 1 };

    // A scenario's server need not have what we ask for; that it answers with an error is fine.
    private static async Task<JsonNode?> TryAsync(ToolServerLink link, ServerRequest request, CancellationToken ct)
    {
        try
        {
            return await link.SendAsync(request, ct);
        }
        catch (Exception e) when (ToolReading.Error(e) is not null)
        {
            return null;
        }
    }
}
