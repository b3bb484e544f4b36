using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Integrity;
using Castellan.KubeApi;
using Castellan.KubeClient;

namespace Castellan.AgentGateway.Discovery;

/// <summary>Writes the gateway's fields of a ToolServer's status, if they say something new.</summary>
internal sealed class ToolServerReport(KubeConnection kube)
{
    private static readonly string[] Ours = [ApiGroup.DiscoveredCondition, ApiGroup.ToolsChangedCondition, ApiGroup.ToolsImitateCondition];

    internal TimeProvider Time => kube.Time;

    /// <summary>Reports what was found.</summary>
    internal Task WriteAsync(ToolServer server, ToolFindings found, CancellationToken ct)
    {
        var tools = ToolConditions.Tools(found);
        return WriteAsync(server, tools, ct, (ApiGroup.DiscoveredCondition, Verdict.Yes("Listed", $"{tools.Count} tools")),
            (ApiGroup.ToolsChangedCondition, ToolConditions.Changed(found)), (ApiGroup.ToolsImitateCondition, ToolConditions.Imitate(found)));
    }

    /// <summary>Reports that the tools cannot be listed. What was found last stays.</summary>
    internal Task WriteAsync(ToolServer server, Verdict discovered, CancellationToken ct) =>
        WriteAsync(server, server.Status?.Tools, ct, (ApiGroup.DiscoveredCondition, discovered));

    private async Task WriteAsync(ToolServer server, IList<DiscoveredTool>? tools, CancellationToken ct, params (string Type, Verdict Now)[] news)
    {
        var last = (server.Status?.Conditions ?? []).Where(condition => Ours.Contains(condition.Type)).ToList();
        var next = news.Select(fact => Conditions.Next(last, fact.Type, fact.Now, server.Metadata.Generation, kube.Time.GetUtcNow()))
            .Concat(last.Where(condition => news.All(fact => fact.Type != condition.Type))).OrderBy(condition => Array.IndexOf(Ours, condition.Type)).ToList();
        var body = new JsonObject { ["conditions"] = JsonSerializer.SerializeToNode(next, KubeJson.Options) };
        if (tools is not null)
        {
            body["toolCount"] = tools.Count;
            body["tools"] = JsonSerializer.SerializeToNode(tools, KubeJson.Options);
        }

        var same = next.SequenceEqual(last.OrderBy(condition => Array.IndexOf(Ours, condition.Type)))
            && JsonNode.DeepEquals(JsonSerializer.SerializeToNode(server.Status?.Tools, KubeJson.Options), body["tools"]);
        if (same)
        {
            return;
        }

        var resource = KubeResource.Of<ToolServer>();
        var applied = new JsonObject
        {
            ["apiVersion"] = resource.ApiVersion,
            ["kind"] = resource.Kind,
            ["metadata"] = new JsonObject { ["name"] = server.Key.Name, ["namespace"] = server.Key.Namespace },
            ["status"] = body,
        };
        await kube.ApplyStatusAsync(resource, applied, ApiGroup.GatewayFieldManager, force: true, ct);
    }
}
