using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Castellan.Telemetry.Tracing;

/// <summary>The W3C trace context in what carries it: HTTP headers, and the <c>_meta</c> of MCP messages. Baggage is neither read nor sent.</summary>
/// <remarks>
/// Source: W3C Trace Context, level 1; MCP 2026-07-28, "Request metadata" (SEP-414), which gives <c>_meta</c> the same two keys. What cannot
/// be read counts as absent, as the recommendation asks for.
/// </remarks>
public static class TraceContext
{
    /// <summary>Header, and key in <c>_meta</c>, of trace and span.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>Header, and key in <c>_meta</c>, of what vendors add.</summary>
    public const string TraceState = "tracestate";

    private const int LongestState = 512;

    /// <summary>
    /// The context of the span that is open here, or of the caller if none is: <see langword="default"/> without either. The spans that the
    /// framework opens for itself are skipped, because nobody exports them and a child of theirs would hang in the air.
    /// </summary>
    public static ActivityContext Current
    {
        get
        {
            var outermost = Activity.Current;
            for (var span = outermost; span is not null; span = span.Parent)
            {
                if (span.Source.Name.Length > 0) return span.Context;
                outermost = span;
            }

            return Read(outermost?.ParentId, outermost?.TraceStateString);
        }
    }

    /// <summary>Reads the two values.</summary>
    public static ActivityContext Read(string? parent, string? state) =>
        parent is { Length: > 0 and <= 128 } && ActivityContext.TryParse(parent, state is { Length: <= LongestState } ? state : null, isRemote: true, out var context) ? context : default;

    /// <summary>Reads what an MCP message carries.</summary>
    public static ActivityContext Read(JsonObject? meta) => meta is null ? default : Read(Text(meta[TraceParent]), Text(meta[TraceState]));

    /// <summary>Writes into the <c>_meta</c> of an MCP message; nothing for no context.</summary>
    public static void Write(JsonObject meta, ActivityContext context)
    {
        if (context == default) return;
        meta[TraceParent] = Format(context);
        if (context.TraceState is { Length: > 0 } state) meta[TraceState] = state;
    }

    /// <summary>Writes into the headers of a request; nothing for no context.</summary>
    public static void Write(HttpRequestHeaders headers, ActivityContext context)
    {
        if (context == default) return;
        headers.TryAddWithoutValidation(TraceParent, Format(context));
        if (context.TraceState is { Length: > 0 } state) headers.TryAddWithoutValidation(TraceState, state);
    }

    /// <summary>As the <c>traceparent</c> header has it.</summary>
    public static string Format(ActivityContext context) =>
        $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
