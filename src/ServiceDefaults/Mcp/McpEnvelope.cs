using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>One message with the HTTP headers it came under: which revision it speaks, and whether headers and body agree.</summary>
/// <remarks>MCP 2026-07-28: Streamable HTTP, "Standard headers" and "Request metadata" (SEP-2243, SEP-2575).</remarks>
internal sealed class McpEnvelope
{
    /// <summary>The first revision without sessions.</summary>
    public const string FirstStateless = "2026-07-28";

    private static readonly string[] SessionRevisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
    private const int HeaderMismatch = -32020, UnsupportedRevision = -32022, InvalidParams = -32602, MethodNotFound = -32601;

    private readonly JsonRpcMessage _message;
    private readonly IHeaderDictionary _headers;
    private readonly JsonObject? _params;

    public McpEnvelope(JsonRpcMessage message, IHeaderDictionary headers)
    {
        (_message, _headers) = (message, headers);
        Revision = headers[McpReply.ProtocolVersionHeader].ToString();
        (Method, _params) = message switch
        {
            JsonRpcRequest request => (request.Method, request.Params as JsonObject),
            JsonRpcNotification notification => (notification.Method, notification.Params as JsonObject),
            _ => (null, null),
        };
    }

    /// <summary>The revision that the header names; empty without the header.</summary>
    public string Revision { get; }

    /// <summary>The method; <see langword="null"/> for a response.</summary>
    public string? Method { get; }

    /// <summary>The request's id, for answers that the host gives itself.</summary>
    public RequestId Id => (_message as JsonRpcRequest)?.Id ?? default;

    /// <summary>What the message says beside its parameters.</summary>
    public JsonObject? Meta => _params?["_meta"] as JsonObject;

    /// <summary>True for a message that waits for an answer.</summary>
    public bool IsRequest => _message is JsonRpcRequest;

    /// <summary>What a request is about: the name of a tool or a prompt, the URI of a resource.</summary>
    public string? Target => Text(_params?[Method == RequestMethods.ResourcesRead ? "uri" : "name"]);

    /// <summary>The name of the tool, for <c>tools/call</c>.</summary>
    public string? ToolName => Method == RequestMethods.ToolsCall ? Text(_params?["name"]) : null;

    /// <summary>Arguments, for <c>tools/call</c>.</summary>
    public JsonObject? Arguments => _params?["arguments"] as JsonObject;

    /// <summary>True for revisions without sessions.</summary>
    public bool IsStateless => IsStatelessRevision(Revision);

    public static bool IsStatelessRevision(string revision) => revision.Length > 0 && string.CompareOrdinal(revision, FirstStateless) >= 0;

    /// <summary>Why the message cannot be taken as it is; <see langword="null"/> when it can.</summary>
    public McpRefusal? Fault(McpSessionMode mode)
    {
        // What server/discover advertises; session revisions are accepted besides, as their clients know to ask with initialize.
        string[] supported = mode == McpSessionMode.Stateful ? SessionRevisions : [FirstStateless];
        if (Revision.Length > 0 && !supported.Contains(Revision) && !SessionRevisions.Contains(Revision))
        {
            var data = new JsonObject { ["supported"] = new JsonArray([.. supported.Select(x => (JsonNode)x)]), ["requested"] = Revision };
            return new(400, UnsupportedRevision, $"{McpReply.ProtocolVersionHeader} '{Revision}' is not supported; ask with one of {string.Join(", ", supported)}", data);
        }
        if (Method is null) return null;
        var meta = Meta;
        var named = Text(meta?[MetaKeys.ProtocolVersion]);
        if (!IsStateless && string.CompareOrdinal(named ?? "", FirstStateless) < 0) return null;
        if (Revision.Length == 0) return new(400, HeaderMismatch, $"{McpReply.ProtocolVersionHeader} header is required");
        return MetaFault(meta, named) ?? HeaderFault() ?? MethodFault();
    }

    private McpRefusal? MetaFault(JsonObject? meta, string? named)
    {
        if (_message is not JsonRpcRequest) return null;
        if (named is null) return new(400, InvalidParams, $"_meta/{MetaKeys.ProtocolVersion} is required");
        if (named != Revision) return new(400, HeaderMismatch, $"{McpReply.ProtocolVersionHeader} '{Revision}' does not match _meta '{named}'");
        return meta![MetaKeys.ClientCapabilities] is JsonObject ? null : new(400, InvalidParams, $"_meta/{MetaKeys.ClientCapabilities} is required");
    }

    private McpRefusal? HeaderFault()
    {
        if (!_headers.TryGetValue("Mcp-Method", out var method)) return new(400, HeaderMismatch, "Mcp-Method header is required");
        if (method.ToString().Trim() != Method) return new(400, HeaderMismatch, $"Mcp-Method '{method}' does not match body '{Method}'");
        var key = Method switch
        {
            RequestMethods.ToolsCall or RequestMethods.PromptsGet => "name",
            RequestMethods.ResourcesRead => "uri",
            _ => null,
        };
        if (key is null) return null;
        if (!_headers.TryGetValue("Mcp-Name", out var header)) return new(400, HeaderMismatch, "Mcp-Name header is required");
        return McpHeaderEncoder.DecodeValue(header.ToString().Trim()) is { } name && name == Text(_params?[key])
            ? null
            : new(400, HeaderMismatch, $"Mcp-Name '{header}' does not match body");
    }

    private McpRefusal? MethodFault() =>
        _message is JsonRpcRequest && Method is RequestMethods.Initialize or RequestMethods.Ping or RequestMethods.LoggingSetLevel
            or RequestMethods.ResourcesSubscribe or RequestMethods.ResourcesUnsubscribe
            ? new(404, MethodNotFound, $"method '{Method}' is not available in revision {Revision}")
            : null;

    /// <summary>Compares the <c>Mcp-Param-*</c> headers with the arguments, for the properties that a tool's schema marks with <c>x-mcp-header</c>.</summary>
    public McpRefusal? ParameterFault(JsonElement schema) =>
        ParameterFault(schema, Arguments) is { } fault ? new(400, HeaderMismatch, fault) : null;

    private string? ParameterFault(JsonElement schema, JsonObject? arguments)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties)
            || properties.ValueKind != JsonValueKind.Object) return null;
        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object) continue;
            var argument = arguments?[property.Name];
            if (ParameterFault(property.Value, argument as JsonObject) is { } nested) return nested;
            if (property.Value.TryGetProperty("x-mcp-header", out var name) && ParameterFault("Mcp-Param-" + name.GetString(), argument) is { } fault)
                return fault;
        }
        return null;
    }

    private string? ParameterFault(string header, JsonNode? argument)
    {
        if (!_headers.TryGetValue(header, out var sent)) return argument is null ? null : $"{header} header is required";
        var raw = sent.ToString().Trim();
        if (raw.Any(c => c != '\t' && (c < ' ' || c > '~')) || McpHeaderEncoder.DecodeValue(raw) is not { } value) return $"{header} header is malformed";
        if (argument is null) return null;
        var wanted = argument.GetValueKind() == JsonValueKind.String ? argument.GetValue<string>() : argument.ToJsonString();
        return value == wanted || SameNumber(value, wanted) ? null : $"{header} header does not match body";
    }

    // 42 and 42.0 are one number in JSON; beyond 2^53 - 1 not every reader agrees, so only identical text passes.
    private static bool SameNumber(string left, string right) =>
        decimal.TryParse(left, System.Globalization.CultureInfo.InvariantCulture, out var a)
        && decimal.TryParse(right, System.Globalization.CultureInfo.InvariantCulture, out var b)
        && a == b && Math.Abs(a) <= 9007199254740991m;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
