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
    public const string SourceName = "Castellan.Workflows";

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? StartCreation(string workflow, string instanceId) =>
        Start($"create_orchestration||{workflow}", ActivityKind.Producer, Activity.Current?.Context ?? default, "orchestration", workflow, instanceId);

    /// <summary>What a start sends along: the current span.</summary>
    internal static TraceContext? Current() => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current
        ? new() { TraceParent = id, SpanID = current.SpanId.ToHexString(), TraceState = current.TraceStateString }
        : null;

    internal static Activity? StartActivity(ActivityRequest request)
    {
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
        var span = Source.StartActivity(name, kind, parent);
        span?.SetTag("durabletask.type", type).SetTag("durabletask.task.name", task).SetTag("durabletask.task.instance_id", instanceId);
        return span;
    }

    private static SpanContext Parent(TraceContext? trace) =>
        trace is not null && SpanContext.TryParse(trace.TraceParent, trace.TraceState, isRemote: true, out var parent) ? parent : default;
}
