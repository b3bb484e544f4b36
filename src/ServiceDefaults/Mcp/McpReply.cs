using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>A refusal on the level of HTTP: status, JSON-RPC code, text, data.</summary>
internal sealed record McpRefusal(int Status, int Code, string Message, JsonNode? Data = null);

/// <summary>Writes what the host answers itself.</summary>
internal static class McpReply
{
    public const string SessionIdHeader = "Mcp-Session-Id";
    public const string ProtocolVersionHeader = "MCP-Protocol-Version";

    /// <summary>Server-defined JSON-RPC error for a request refused before it reached the protocol.</summary>
    public const int Refused = -32000;

    private static readonly JsonTypeInfo<JsonRpcError> ErrorType =
        (JsonTypeInfo<JsonRpcError>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcError));

    public static Task RefuseAsync(HttpContext http, McpRefusal refusal, RequestId id = default)
    {
        http.Response.StatusCode = refusal.Status;
        http.Response.ContentType = "application/json";
        var error = new JsonRpcError { Id = id, Error = new() { Code = refusal.Code, Message = refusal.Message, Data = refusal.Data } };
        return JsonSerializer.SerializeAsync(http.Response.Body, error, ErrorType, http.RequestAborted);
    }

    public static Task RefuseAsync(HttpContext http, int status, string message, RequestId id = default) =>
        RefuseAsync(http, new McpRefusal(status, Refused, message), id);

    public static void StartEventStream(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache,no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
