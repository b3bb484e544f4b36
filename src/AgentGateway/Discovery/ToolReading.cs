using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Requests;
using Castellan.Audit;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Discovery;

/// <summary>Reads what tool servers say of themselves and what they answer. Pure.</summary>
internal static class ToolReading
{
    private const string EffectKey = "castellan.dev/effect";

    /// <summary>A listed tool, without the digest of its definition.</summary>
    internal static CatalogTool Read(ToolServer server, Tool tool) => new(server.Key, tool.Name, tool.Description, tool.InputSchema, EffectOf(server.Spec, tool), "");

    /// <summary>Only our own servers are believed about their effects; for others the spec says it, and silence means Write.</summary>
    internal static ToolEffect EffectOf(ToolServerSpec spec, Tool tool)
    {
        if (spec.BuiltIn is not null && tool.Meta?[EffectKey] is JsonValue value && value.TryGetValue<string>(out var text) && Enum.TryParse<ToolEffect>(text, out var own))
        {
            return own;
        }

        return spec.Effects?.TryGetValue(tool.Name, out var declared) is true ? declared : ToolEffect.Write;
    }

    internal static ToolContent Content(CallToolResult result)
    {
        var text = string.Join('\n', result.Content.OfType<TextContentBlock>().Select(block => block.Text));
        var onlyText = result.Content.All(block => block is TextContentBlock);
        return new ToolContent(text, result.StructuredContent, result.IsError is true,
            onlyText ? null : JsonSerializer.SerializeToElement(result.Content, McpJsonUtilities.DefaultOptions));
    }

    /// <summary>What a server answered to any request.</summary>
    /// <param name="method">What was asked.</param>
    /// <param name="result">The result as the server wrote it.</param>
    internal static ToolContent Content(string method, JsonNode result)
    {
        if (result["resultType"] is JsonValue type && type.TryGetValue<string>(out var text) && text == "input_required")
        {
            var wanted = string.Join(", ", (result["inputRequests"] as JsonObject)?.Select(r => r.Key) ?? []);
            return new ToolContent($"the server asks its caller for {wanted}") { InputRequired = JsonSerializer.SerializeToElement(result) };
        }

        return method == RequestMethods.ToolsCall
            ? Content(result.Deserialize<CallToolResult>(McpJsonUtilities.DefaultOptions) ?? throw new JsonException("the result is null"))
            : new ToolContent("", JsonSerializer.SerializeToElement(result));
    }

    /// <summary>The JSON-RPC error behind a refusal; null when there is none.</summary>
    internal static ToolServerError? Error(Exception refusal) => refusal switch
    {
        ServerErrorException e => new ToolServerError(e.Error.Code, e.Error.Message, e.Error.Data is { } data ? JsonSerializer.SerializeToElement(data, McpJsonUtilities.DefaultOptions) : null),
        McpProtocolException e => new ToolServerError((int)e.ErrorCode, e.Message),
        _ => null,
    };

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
