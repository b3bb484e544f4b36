using System.Diagnostics;
using System.Diagnostics.Metrics;
using Castellan.AgentGateway.Calls;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;

namespace Castellan.AgentGateway.Metering;

/// <summary>How long requests to tool servers took.</summary>
internal static class RequestMetrics
{
    private static readonly Histogram<double> Duration = CastellanMeter.Histogram(MetricTable.McpClientDuration);

    /// <summary>When a request begins; null when nobody measures.</summary>
    internal static long? Begin() => Duration.Enabled ? Stopwatch.GetTimestamp() : null;

    internal static void End(long? began, CallSpec spec, string method, string? error)
    {
        if (began is not { } start)
        {
            return;
        }

        var tags = new TagList { { SemanticNames.McpMethod, method }, { SemanticNames.Namespace, spec.Namespace }, { SemanticNames.ToolServer, spec.Tool!.Server } };
        if (spec.Tool.Method is null)
        {
            tags.Add(SemanticNames.ToolName, spec.Tool.Name);
        }

        if (error is not null)
        {
            tags.Add(SemanticNames.ErrorType, error);
        }

        Duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
    }
}
