using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Audit;
using Castellan.Digests;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Discovery;

/// <summary>Reads what tool servers say of themselves and what they answer. Pure.</summary>
internal static class ToolReading
{
    private const string EffectKey = "castellan.dev/effect";

    internal static CatalogTool Read(ToolServer server, Tool tool) =>
        new(server.Key, tool.Name, tool.Description, tool.InputSchema, EffectOf(server.Spec, tool), DigestOf(tool));

    /// <summary>Only our own servers are believed about their effects; for others the spec says it, and silence means Write.</summary>
    internal static ToolEffect EffectOf(ToolServerSpec spec, Tool tool)
    {
        if (spec.BuiltIn is not null && tool.Meta?[EffectKey] is JsonValue value && value.TryGetValue<string>(out var text) && Enum.TryParse<ToolEffect>(text, out var own))
        {
            return own;
        }

        return spec.Effects?.TryGetValue(tool.Name, out var declared) is true ? declared : ToolEffect.Write;
    }

    /// <summary>SHA-256 over name, description and input schema in canonical JSON.</summary>
    internal static string DigestOf(Tool tool) => CanonicalJson.Digest(new JsonObject
    {
        ["name"] = tool.Name,
        ["description"] = tool.Description,
        ["inputSchema"] = JsonNode.Parse(tool.InputSchema.GetRawText()),
    });

    internal static ToolContent Content(CallToolResult result)
    {
        var text = string.Join('\n', result.Content.OfType<TextContentBlock>().Select(block => block.Text));
        var onlyText = result.Content.All(block => block is TextContentBlock);
        return new ToolContent(text, result.StructuredContent, result.IsError is true,
            onlyText ? null : JsonSerializer.SerializeToElement(result.Content, McpJsonUtilities.DefaultOptions));
    }

    /// <summary>The result as an MCP client gets it.</summary>
    internal static CallToolResult Result(ToolContent content) => new()
    {
        Content = content.Blocks is { } blocks
            ? blocks.Deserialize<IList<ContentBlock>>(McpJsonUtilities.DefaultOptions) ?? []
            : [new TextContentBlock { Text = content.Text }],
        StructuredContent = content.Data,
        IsError = content.IsError ? true : null,
    };
}
