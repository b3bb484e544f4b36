using System.Diagnostics;
using System.Globalization;
using Castellan.AgentGateway.Metering;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.Telemetry;
using Castellan.Telemetry.Tracing;
using Microsoft.AspNetCore.Http;

namespace Castellan.AgentGateway.Tracing;

/// <summary>
/// Two spans per run: the request that starts it, and <c>invoke_agent</c> from then until the run ends. The id of the second is given out at
/// the start and pinned with the run; the span itself is told of at the end, by whichever process sees it.
/// </summary>
internal static class RunSpans
{
    private const string Route = "/v1/namespaces/{ns}/agents/{name}/runs";
    private static readonly ActivitySource Source = new(TraceSources.Gateway);

    /// <summary>Begins the span of the request that starts a run; null when nobody listens.</summary>
    internal static Activity? StartRequest(HttpContext context) => Source.HasListeners()
        ? Spans.Start(Source, $"POST {Route}", ActivityKind.Server, CallerOf(context))?.SetTag(SemanticNames.HttpMethod, "POST").SetTag(SemanticNames.HttpRoute, Route)
        : null;

    /// <summary>What a run keeps of its trace.</summary>
    internal static RunTrace? Pin(Activity? request, HttpContext context)
    {
        if (request is not null)
        {
            return new RunTrace(PinnedTrace.Of(Spans.Reserve(request.Context))!, PinnedTrace.Of(request.Context));
        }

        return PinnedTrace.Of(CallerOf(context)) is { } caller ? new RunTrace(caller, null) : null;
    }

    /// <summary>
    /// The trace of a call that an agent makes. The agent may say under which of its spans, but no other trace than its run's, nor whether it
    /// is sampled.
    /// </summary>
    internal static PinnedTrace? OfCall(RunRow run, HttpContext context)
    {
        if (run.Input.Trace?.Run is not { } pinned)
        {
            return null;
        }

        var (own, said) = (pinned.Context, CallerOf(context));
        return said.TraceId == own.TraceId ? PinnedTrace.Of(new ActivityContext(own.TraceId, said.SpanId, own.TraceFlags, own.TraceState)) : pinned;
    }

    /// <summary>Tells of a run that has ended.</summary>
    internal static void End(RunRow row, HubEnd end)
    {
        CallMetrics.Ended(row, end);
        if (!Source.HasListeners() || row.Input is not { Trace: { Run: { } run, Caller: { } caller } } input)
        {
            return;
        }

        using var span = Spans.Resume(Source, $"invoke_agent {input.Agent}", run.Context, caller.Context, row.Run.CreatedAt);
        span?.SetTag(SemanticNames.Operation, "invoke_agent")
            .SetTag(SemanticNames.AgentName, input.Agent)
            .SetTag(SemanticNames.AgentId, $"{input.Namespace}/{input.Agent}")
            .SetTag(SemanticNames.AgentVersion, input.Revision.ToString(CultureInfo.InvariantCulture))
            .SetTag(SemanticNames.ConversationId, input.SessionId)
            .SetTag(SemanticNames.Namespace, input.Namespace)
            .SetTag(SemanticNames.Model, input.Model)
            .SetTag(SemanticNames.RunId, input.RunId)
            .SetTag(SemanticNames.RunState, end.State.ToString());
        if (end.State != RunState.Succeeded)
        {
            Spans.Fail(span, end.State.ToString().ToLowerInvariant());
        }
    }

    private static ActivityContext CallerOf(HttpContext context) =>
        TraceContext.Read(context.Request.Headers[TraceContext.TraceParent], context.Request.Headers[TraceContext.TraceState]);
}
