using System.Diagnostics;
using System.Diagnostics.Metrics;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;

namespace Castellan.Workflows;

/// <summary>What a worker measures of its work.</summary>
internal static class WorkflowMetrics
{
    public static readonly Histogram<double> Turns = CastellanMeter.Histogram(MetricTable.TurnDuration);
    public static readonly Histogram<double> Activities = CastellanMeter.Histogram(MetricTable.ActivityDuration);

    /// <summary>When it begins; 0 when nobody measures.</summary>
    public static long Begin(Histogram<double> histogram) => histogram.Enabled ? Stopwatch.GetTimestamp() : 0;

    public static void EndTurn(long began, string? workflow)
    {
        if (began != 0) Turns.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>(SemanticNames.Workflow, workflow));
    }

    public static void EndActivity(long began, string activity, string? error)
    {
        if (began == 0) return;
        var name = new KeyValuePair<string, object?>(SemanticNames.Activity, activity);
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (error is null) Activities.Record(took, name);
        else Activities.Record(took, name, new(SemanticNames.ErrorType, error));
    }
}
