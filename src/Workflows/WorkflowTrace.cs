using System.Diagnostics;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using SpanContext = System.Diagnostics.ActivityContext;

namespace Castellan.Workflows;

/// <summary>
/// Spans of orchestrations and activities, under the names that durable-task engines use. The context of the span that started an instance travels
/// with it (W3C traceparent and tracestate), to its activities and its children, also through restarts.
/// </summary>
public static class WorkflowTrace
{
    /// <summary>Name of the source, for <c>AddSource</c> of a telemetry library.</summary>
    public const string SourceName = Telemetry.Tracing.TraceSources.Workflows;

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? StartCreation(string workflow, string instanceId) => Source.HasListeners()
        ? Start($"create_orchestration||{workflow}", ActivityKind.Producer, Telemetry.Tracing.TraceContext.Current, "orchestration", workflow, instanceId)
        : null;

    /// <summary>What a start sends along: the current span.</summary>
    internal static TraceContext? Current() => Of(Telemetry.Tracing.TraceContext.Current);

    internal static TraceContext? Of(SpanContext context) => context == default ? null : new()
    {
        TraceParent = Telemetry.Tracing.TraceContext.Format(context),
        SpanID = context.SpanId.ToHexString(),
        TraceState = context.TraceState,
    };

    internal static Activity? StartActivity(ActivityRequest request)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var span = Start($"activity||{request.Name}", ActivityKind.Server, Parent(request.ParentTraceContext), "activity", request.Name, request.WorkflowInstance.InstanceId);
        span?.SetTag("durabletask.task.task_id", request.TaskId);
        return span;
    }

    internal static Activity? StartTurn(Turn turn, OrchestrationExecution execution)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var started = execution.Started ?? turn.Past.Concat(turn.New).FirstOrDefault(one => one.ExecutionStarted is not null)?.ExecutionStarted;
        return started is null ? null
            : Start($"orchestration||{started.Name}", ActivityKind.Server, Parent(started.ParentTraceContext), "orchestration", started.Name, turn.InstanceId);
    }

    internal static void Fail(Activity? span, Exception error) => span?.SetStatus(ActivityStatusCode.Error, error.Message);

    private static Activity? Start(string name, ActivityKind kind, SpanContext parent, string type, string task, string instanceId)
    {
        var span = Telemetry.Tracing.Spans.Start(Source, name, kind, parent);
        span?.SetTag("durabletask.type", type).SetTag("durabletask.task.name", task).SetTag("durabletask.task.instance_id", instanceId);
        return span;
    }

    private static SpanContext Parent(TraceContext? trace) =>
        Telemetry.Tracing.TraceContext.Read(trace?.TraceParent, trace?.TraceState);
}
