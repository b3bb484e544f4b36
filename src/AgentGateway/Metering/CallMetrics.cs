using System.Diagnostics;
using System.Diagnostics.Metrics;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;

namespace Castellan.AgentGateway.Metering;

/// <summary>Counts calls and runs, and measures where a call's time goes. Labels are what is declared in the cluster: no run, no person.</summary>
internal static class CallMetrics
{
    private static readonly Counter<long> Calls = CastellanMeter.Counter(MetricTable.Calls);
    private static readonly Counter<long> Runs = CastellanMeter.Counter(MetricTable.Runs);
    private static readonly Histogram<double> Duration = CastellanMeter.Histogram(MetricTable.CallDuration);

    internal static void Ended(CallSpec spec, CallResult result)
    {
        if (Calls.Enabled)
        {
            Calls.Add(1, new TagList
            {
                { SemanticNames.CallKind, NameOf(spec.Kind) }, { SemanticNames.Namespace, spec.Namespace }, { SemanticNames.ToolServer, ServerOf(spec) },
                { SemanticNames.Decision, spec.Decision.Effect.ToString() }, { SemanticNames.Policy, spec.Decision.Policy }, { SemanticNames.CallState, result.State.ToString() },
            });
        }

        if (!Duration.Enabled)
        {
            return;
        }

        if (result.DurationMs is { } effect)
        {
            Record(effect / 1000, spec.Kind, "effect");
        }

        Record(Math.Max((TimeProvider.System.GetUtcNow() - spec.CreatedAt).TotalSeconds, 0), spec.Kind, "total");
    }

    internal static void Ended(RunRow row, HubEnd end) =>
        Runs.Add(1, new(SemanticNames.AgentId, $"{row.Run.Namespace}/{row.Run.Agent}"), new(SemanticNames.RunState, end.State.ToString()));

    /// <summary>When policy begins to decide; 0 when nobody measures.</summary>
    internal static long BeginDecision() => Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    internal static void EndDecision(long began, CallKind kind)
    {
        if (began != 0)
        {
            Record(Stopwatch.GetElapsedTime(began).TotalSeconds, kind, "decide");
        }
    }

    private static void Record(double seconds, CallKind kind, string stage) => Duration.Record(seconds, new(SemanticNames.CallKind, NameOf(kind)), new(SemanticNames.Stage, stage));

    // What an agent asked for that nobody declared is not a label.
    private static string? ServerOf(CallSpec spec) => spec.Tool is { Digest.Length: 0, Method: null } ? "unknown" : spec.Tool?.Server;

    private static string NameOf(CallKind kind) => kind == CallKind.Model ? "model" : "tool";
}
