using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Castellan.AgentGateway.Delegations;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Requests;

/// <summary>
/// One request of a revision without sessions: a POST that says everything itself, so that what one client can be asked, and what the
/// server reports meanwhile, never meets another client's.
/// </summary>
/// <remarks>MCP 2026-07-28, Streamable HTTP; SEP-2575 (request metadata), SEP-2243 (headers).</remarks>
internal static class StatelessRequest
{
    internal const string Revision = "2026-07-28";

    private static readonly JsonTypeInfo<JsonRpcMessage> MessageType = (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    /// <summary>Sends the request and returns the result as the server wrote it.</summary>
    /// <exception cref="ServerErrorException">The server answered with an error.</exception>
    /// <exception cref="HttpRequestException">It could not be reached, or refused the request as such.</exception>
    /// <exception cref="IOException">The answer broke off.</exception>
    internal static async Task<JsonNode> SendAsync(HttpClient http, Uri address, Implementation self, ServerRequest request, CancellationToken ct)
    {
        using var message = Message(address, self, request);
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct);
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        return response.Content.Headers.ContentType?.MediaType switch
        {
            "text/event-stream" when response.IsSuccessStatusCode => await ReadStreamAsync(body, request.Client, ct),
            "application/json" when response.IsSuccessStatusCode || IsRpcError(response) => ResultOf(await JsonSerializer.DeserializeAsync(body, MessageType, ct)),
            _ => throw new HttpRequestException($"it answers HTTP {(int)response.StatusCode}", null, response.StatusCode),
        };
    }

    // The revision gives some JSON-RPC errors a status of their own; 401 and 403 are about us, not about the request.
    private static bool IsRpcError(HttpResponseMessage response) => (int)response.StatusCode is 400 or 404;

    private static async Task<JsonNode> ReadStreamAsync(Stream body, WaitingClient? client, CancellationToken ct)
    {
        await foreach (var item in SseParser.Create(body).EnumerateAsync(ct))
        {
            if (item.Data.Length == 0)
            {
                continue;
            }

            switch (JsonSerializer.Deserialize(item.Data, MessageType))
            {
                case JsonRpcNotification notification when client is not null:
                    await client.HearAsync(notification, ct);
                    break;
                case JsonRpcMessageWithId and (JsonRpcResponse or JsonRpcError) and var answer:
                    return ResultOf(answer);
            }
        }

        throw new IOException("its answer ended before the result");
    }

    private static JsonNode ResultOf(JsonRpcMessage? answer) => answer switch
    {
        JsonRpcResponse response => response.Result ?? new JsonObject(),
        JsonRpcError error => throw new ServerErrorException(error.Error),
        _ => throw new JsonException("its answer is no JSON-RPC response"),
    };

    private static HttpRequestMessage Message(Uri address, Implementation self, ServerRequest request)
    {
        var meta = new JsonObject
        {
            [MetaKeys.ProtocolVersion] = Revision,
            [MetaKeys.ClientInfo] = JsonSerializer.SerializeToNode(self, McpJsonUtilities.DefaultOptions),
            [MetaKeys.ClientCapabilities] = request.Client?.Capabilities.DeepClone() ?? new JsonObject(),
        };
        if (request.Client?.LogLevel is { } level)
        {
            meta[MetaKeys.LogLevel] = level;
        }

        var rpc = new JsonRpcRequest { Id = new RequestId(1), Method = request.Method, Params = request.ParametersWith(meta, request.Client?.ProgressToken) };
        var message = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create<JsonRpcMessage>(rpc, MessageType) };
        if (request.Delegated is { } delegated)
        {
            message.Options.Set(DelegationRequest.Option, delegated);
        }

        Telemetry.Tracing.TraceContext.Write(message.Headers, request.Trace);
        message.Headers.Accept.ParseAdd("application/json, text/event-stream");
        message.Headers.Add("MCP-Protocol-Version", Revision);
        message.Headers.Add("Mcp-Method", request.Method);
        if (NameOf(request) is { } name)
        {
            message.Headers.Add("Mcp-Name", McpHeaderEncoder.EncodeValue(name));
        }

        if (request is { Schema: { } schema, Method: RequestMethods.ToolsCall })
        {
            AddParameters(message, schema, request.Parameters["arguments"] as JsonObject);
        }

        return message;
    }

    private static string? NameOf(ServerRequest request) => request.Method switch
    {
        RequestMethods.ToolsCall or RequestMethods.PromptsGet => (string?)request.Parameters["name"],
        RequestMethods.ResourcesRead => (string?)request.Parameters["uri"],
        _ => null,
    };

    private static void AddParameters(HttpRequestMessage message, JsonElement schema, JsonObject? arguments)
    {
        if (arguments is null || schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in properties.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Object))
        {
            if (arguments[property.Name] is not { } argument)
            {
                continue;
            }

            AddParameters(message, property.Value, argument as JsonObject);
            if (property.Value.TryGetProperty("x-mcp-header", out var header) && McpHeaderEncoder.ConvertToHeaderValue(argument) is { } value)
            {
                message.Headers.TryAddWithoutValidation($"Mcp-Param-{header.GetString()}", value);
            }
        }
    }
}
