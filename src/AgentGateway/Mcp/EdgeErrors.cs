using System.Text.Json;
using Castellan.GatewayApi;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Mcp;

/// <summary>What tool servers say instead of a result, in the SDK's words, so that it reaches the client as they said it.</summary>
internal static class EdgeErrors
{
    /// <summary>A JSON-RPC error.</summary>
    internal static McpException Of(ToolServerError error)
    {
        if (error.Code == (int)McpErrorCode.MissingRequiredClientCapability && error.Data is { ValueKind: JsonValueKind.Object } missing && missing.TryGetProperty("requiredCapabilities", out var required))
        {
            return new MissingRequiredClientCapabilityException(required.Deserialize<ClientCapabilities>(McpJsonUtilities.DefaultOptions) ?? new(), error.Message);
        }

        var refusal = new McpProtocolException(error.Message, (McpErrorCode)error.Code);
        if (error.Data is { ValueKind: JsonValueKind.Object } data)
        {
            foreach (var item in data.EnumerateObject())
            {
                refusal.Data[item.Name] = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString() : item.Value.Clone();
            }
        }

        return refusal;
    }

    /// <summary>The end of a round: the SDK asks clients of revisions with sessions itself, and tells the others to come back with answers.</summary>
    internal static Exception Asking(JsonElement result) => new InputRequiredException(
        result.Deserialize<InputRequiredResult>(McpJsonUtilities.DefaultOptions) ?? throw new JsonException("the result is null"));
}
