using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;
using Castellan.Telemetry.Tracing;
using ModelContextProtocol.Protocol;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>The telemetry of one MCP request at the side that answers it.</summary>
/// <remarks>
/// OpenTelemetry conventions for MCP: a SERVER span named after method and target, whose parent is what <c>_meta</c> carries, or else the
/// HTTP headers. What the client chose itself is cut to a length that no span minds.
/// </remarks>
internal sealed class McpExchange : IDisposable
{
    private const int LongestName = 128;
    private static readonly ActivitySource Source = new(TraceSources.Mcp);

    private static readonly Histogram<double> Duration = CastellanMeter.Histogram(MetricTable.McpServerDuration);

    // Only what the protocol knows becomes a label: a client could fill a Prometheus with words of its own.
    private static readonly FrozenSet<string> Methods = new[]
    {
        RequestMethods.Initialize, RequestMethods.Ping, RequestMethods.ToolsList, RequestMethods.ToolsCall, RequestMethods.PromptsList, RequestMethods.PromptsGet,
        RequestMethods.ResourcesList, RequestMethods.ResourcesRead, RequestMethods.ResourcesTemplatesList, RequestMethods.ResourcesSubscribe, RequestMethods.ResourcesUnsubscribe,
        RequestMethods.CompletionComplete, RequestMethods.LoggingSetLevel, RequestMethods.SubscriptionsListen, RequestMethods.ServerDiscover,
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Activity? _span;
    private readonly string _method, _revision;
    private string? _error;

    private McpExchange(Activity? span, string method, string revision) => (_span, _method, _revision) = (span, method, revision);

    /// <summary>Begins, and says in the context which trace the message belongs to; <see langword="null"/> when there is nothing to tell anybody.</summary>
    public static McpExchange? Start(McpCallContext call, McpEnvelope envelope)
    {
        var headers = call.Http.Request.Headers;
        var caller = TraceContext.Read(envelope.Meta);
        if (caller == default && headers.TryGetValue(TraceContext.TraceParent, out var parent))
        {
            caller = TraceContext.Read(parent, headers[TraceContext.TraceState]);
        }

        call.Trace = caller;
        if (!envelope.IsRequest || envelope.Method is not { } method || !(Source.HasListeners() || Duration.Enabled)) return null;
        var span = Source.HasListeners() ? StartSpan(call, envelope, method) : null;
        return new(span, method, envelope.Revision);
    }

    /// <summary>Names the session.</summary>
    public void InSession(string id) => _span?.SetTag(SemanticNames.McpSession, id);

    /// <summary>Takes note of the first message of the answer.</summary>
    public void Answer(JsonRpcMessage? first)
    {
        if (first is JsonRpcError { Error.Code: var code })
        {
            _error = code.ToString(CultureInfo.InvariantCulture);
            _span?.SetTag(SemanticNames.RpcStatus, _error);
        }
        else if (first is JsonRpcResponse { Result: JsonObject result } && result["isError"] is JsonValue flag && flag.TryGetValue(out bool isError) && isError)
        {
            _error = "tool_error";
        }
    }

    /// <summary>Ends.</summary>
    public void Dispose()
    {
        if (_error is { } error) Spans.Fail(_span, error);
        _span?.Dispose();
        if (!Duration.Enabled || _method == RequestMethods.SubscriptionsListen) return; // that one lasts as long as its client
        var tags = new TagList { { SemanticNames.McpMethod, Methods.Contains(_method) ? _method : "_OTHER" } };
        if (_revision.Length > 0) tags.Add(SemanticNames.McpRevision, _revision);
        if (_error is not null) tags.Add(SemanticNames.ErrorType, _error);
        Duration.Record(Stopwatch.GetElapsedTime(_began).TotalSeconds, tags);
    }

    private static Activity? StartSpan(McpCallContext call, McpEnvelope envelope, string method)
    {
        var target = Cut(envelope.Target);
        var name = target is null || method == RequestMethods.ResourcesRead ? Cut(method)! : $"{Cut(method)} {target}";
        if (Spans.Start(Source, name, ActivityKind.Server, call.Trace) is not { } span) return null;
        call.Trace = span.Context;
        if (span.IsAllDataRequested) Describe(span, envelope, method, target);
        return span;
    }

    private static void Describe(Activity span, McpEnvelope envelope, string method, string? target)
    {
        span.SetTag(SemanticNames.McpMethod, Cut(method)).SetTag(SemanticNames.RpcRequestId, Cut(envelope.Id.ToString()));
        if (envelope.Revision.Length > 0) span.SetTag(SemanticNames.McpRevision, envelope.Revision);
        if (method == RequestMethods.ToolsCall) span.SetTag(SemanticNames.Operation, "execute_tool").SetTag(SemanticNames.ToolName, target);
        span.SetTag("network.transport", "tcp").SetTag("network.protocol.name", "http");
    }

    private static string? Cut(string? text) => text is { Length: > LongestName } ? text[..LongestName] : text;
}
