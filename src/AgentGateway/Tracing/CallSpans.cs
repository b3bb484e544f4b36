using System.Diagnostics;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Metering;
using Castellan.Audit;
using Castellan.GatewayApi;
using Castellan.Telemetry;
using Castellan.Telemetry.Tracing;

namespace Castellan.AgentGateway.Tracing;

/// <summary>
/// One span per call: <c>chat</c> for a model, <c>execute_tool</c> for a tool, in the trace that is pinned with the call. It covers the effect
/// with all its attempts; that of a call which had to be approved covers the wait too.
/// </summary>
internal static class CallSpans
{
    private static readonly ActivitySource Source = new(TraceSources.Gateway);

    /// <summary>Begins the span of an effect; null when nobody listens.</summary>
    internal static Activity? Start(CallSpec spec) => Source.HasListeners() ? Begin(spec) : null;

    /// <summary>Says how the call ended, also to those who count.</summary>
    internal static void End(Activity? span, CallSpec spec, CallResult result)
    {
        CallMetrics.Ended(spec, result);
        if (span is null)
        {
            return;
        }

        foreach (var (name, value) in CallAttributes.OfResult)
        {
            Set(span, name, value(result));
        }

        if (ContentCapture.IsOn)
        {
            Set(span, SemanticNames.ToolResult, ContentCapture.Cut(result.Content?.Text));
        }

        if (CallAttributes.ErrorOf(result) is { } error)
        {
            Spans.Fail(span, error);
        }
    }

    /// <summary>Tells of a call that never came to an effect.</summary>
    internal static void Tell(CallSpec spec, CallResult result)
    {
        using var span = Start(spec);
        End(span, spec, result);
    }

    /// <summary>The span that is open for the call here: that of its activity if the engine told of one, else what is pinned with it.</summary>
    internal static ActivityContext ParentOf(CallSpec spec)
    {
        var pinned = spec.Trace?.Context ?? default;
        var open = TraceContext.Current;
        return open.TraceId == pinned.TraceId && open != default ? open : pinned;
    }

    private static Activity? Begin(CallSpec spec)
    {
        var span = Spans.Start(Source, $"{CallAttributes.OperationOf(spec)} {CallAttributes.TargetOf(spec)}", spec.Kind == CallKind.Model ? ActivityKind.Client : ActivityKind.Internal, ParentOf(spec));
        if (span is not { IsAllDataRequested: true })
        {
            return span;
        }

        foreach (var (name, value) in CallAttributes.OfSpec)
        {
            Set(span, name, value(spec));
        }

        if (ContentCapture.IsOn)
        {
            Set(span, SemanticNames.ToolArguments, ContentCapture.Cut(Redaction.Redact(spec.Tool?.Arguments)?.ToJsonString()));
        }

        if (spec.Decision.Demands.Count > 0 && spec.CreatedAt.UtcDateTime < span.StartTimeUtc)
        {
            span.AddEvent(new ActivityEvent("castellan.settled", span.StartTimeUtc)); // until here it waited for people
            span.SetStartTime(spec.CreatedAt.UtcDateTime);
        }

        return span;
    }

    private static void Set(Activity span, string name, object? value)
    {
        if (value is not null)
        {
            span.SetTag(name, value);
        }
    }
}
