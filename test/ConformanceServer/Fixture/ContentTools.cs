using System.ComponentModel;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>Tools that answer with each kind of content, report progress, log, or fail.</summary>
internal static class ContentTools
{
    // JSON Schema 2020-12 with everything that a careless server drops: $defs, $anchor, allOf, if/then/else.
    private const string Schema2020 = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "$defs": {
            "address": {
              "$anchor": "addressDef",
              "type": "object",
              "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
            }
          },
          "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
          },
          "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
          "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
          "then": { "required": ["phone"] },
          "else": { "required": ["email"] },
          "additionalProperties": false
        }
        """;

    public static IEnumerable<McpServerTool> All =>
    [
        FixtureTool.Of("test_simple_text", () => "This is a simple text response for testing."),
        FixtureTool.Of("test_image_content", ContentBlock () => ImageContentBlock.FromBytes(Samples.Png, "image/png")),
        FixtureTool.Of("test_audio_content", ContentBlock () => AudioContentBlock.FromBytes(Samples.Wav, "audio/wav")),
        FixtureTool.Of("test_embedded_resource", ContentBlock () => Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
        FixtureTool.Of("test_multiple_content_types", ContentBlock[] () =>
        [
            new TextContentBlock { Text = "Multiple content types test:" },
            ImageContentBlock.FromBytes(Samples.Png, "image/png"),
            Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
        ]),
        FixtureTool.Of("test_error_handling", string () => throw new McpException("This tool intentionally returns an error for testing")),
        FixtureTool.Of("test_tool_with_logging", LogAsync),
        FixtureTool.Of("test_logging_tool", LogAsync),
        FixtureTool.Of("test_tool_with_progress", ProgressAsync),
        FixtureTool.Of("test_reconnection", () => "Reconnection test completed successfully"),
        FixtureTool.Of("test_streaming_elicitation", () => "nothing but result frames"),
        FixtureTool.Of("test_missing_capability", (RequestContext<CallToolRequestParams> request) => request.Server.ClientCapabilities?.Sampling is not null
            ? "the client can sample"
            : throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new SamplingCapability() }, "this tool needs a client that can sample")),
        FixtureTool.Of("test_header_tool", ([McpHeader("Region")] string region, [Description("What to look for.")] string query) => $"{region}: {query}"),
        FixtureTool.Of("json_schema_2020_12_tool", () => "understood", Schema2020),
    ];

    public static EmbeddedResourceBlock Embedded(string uri, string type, string text) =>
        new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };

    // The SDK's logger knows the level of a session only; a request without one names its own.
    private static async Task<string> LogAsync(RequestContext<CallToolRequestParams> request, CancellationToken ct)
    {
        var level = (string?)request.Params!.Meta?[MetaKeys.LogLevel];
        using var provider = request.Server.AsClientLoggerProvider();
        var log = provider.CreateLogger("fixture");
        foreach (var text in new[] { "Tool execution started", "Tool processing data", "Tool execution completed" })
        {
            if (level is "debug" or "info")
            {
                var parameters = new JsonObject { ["level"] = "info", ["logger"] = "fixture", ["data"] = text };
                await request.Server.SendMessageAsync(new JsonRpcNotification { Method = NotificationMethods.LoggingMessageNotification, Params = parameters }, ct);
            }
            else if (level is null)
            {
                log.Say(text);
            }
        }

        return "logged";
    }

    private static async Task<string> ProgressAsync(RequestContext<CallToolRequestParams> request, CancellationToken ct)
    {
        foreach (var percent in new[] { 0, 50, 100 })
        {
            if (request.Params!.ProgressToken is { } token)
            {
                await request.Server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = percent, Total = 100, Message = $"{percent} %" }, cancellationToken: ct);
            }
        }

        return "done";
    }
}

internal static partial class FixtureLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Text}")]
    public static partial void Say(this ILogger log, string text);
}
