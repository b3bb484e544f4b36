using System.Diagnostics;
using System.Diagnostics.Metrics;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;

namespace Castellan.KubeClient.Controllers;

/// <summary>What is measured of reconciles, under controller-runtime's names.</summary>
internal static class ReconcileMetrics
{
    private static readonly Counter<long> Total = CastellanMeter.Counter(MetricTable.Reconciles);
    private static readonly Histogram<double> Time = CastellanMeter.Histogram(MetricTable.ReconcileDuration);

    public static void Ended(string controller, long began, string result)
    {
        var name = new KeyValuePair<string, object?>(SemanticNames.Controller, controller);
        Total.Add(1, name, new(SemanticNames.Result, result));
        if (Time.Enabled) Time.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, name);
    }
}
