using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar;

/// <summary>The first event of an execution.</summary>
internal static class InstanceStart
{
    /// <param name="row">The instance.</param>
    /// <param name="trace">The span that caused it.</param>
    public static HistoryEvent Event(InstanceRow row, TraceContext? trace)
    {
        var started = Event(row);
        started.ExecutionStarted.ParentTraceContext = trace;
        if (row.Tags is { } tags)
        {
            started.ExecutionStarted.Tags.Add(tags.Tags);
        }

        return started;
    }

    private static HistoryEvent Event(InstanceRow row) => new()
    {
        EventId = -1,
        Timestamp = Timestamp.FromDateTimeOffset(row.Created),
        ExecutionStarted = new()
        {
            Name = row.Name,
            Version = row.Version,
            Input = row.Input,
            ParentInstance = row.Parent,
            ScheduledStartTimestamp = row.Scheduled is { } scheduled ? Timestamp.FromDateTimeOffset(scheduled) : null,
            WorkflowInstance = new() { InstanceId = row.Id, ExecutionId = row.ExecutionId },
        },
    };
}
