namespace Castellan.Telemetry.Metrics;

/// <summary>One metric, as it is measured, exported and documented.</summary>
/// <param name="Name">Name in OpenTelemetry's form.</param>
/// <param name="Kind">What it does over time.</param>
/// <param name="Unit">Unit in UCUM: <c>s</c>, or <c>{call}</c> for things that are counted.</param>
/// <param name="Description">What it measures, as one sentence.</param>
/// <param name="Host">Which process has it.</param>
public sealed record MetricRow(string Name, MetricKind Kind, string Unit, string Description, string Host)
{
    /// <summary>Its attributes; each has few values, and none names a person, a run or a call.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>Upper bounds of its buckets; for histograms.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [];

    /// <summary>Its name in Prometheus' form: underscores, the unit, and <c>_total</c> for counters.</summary>
    public string PrometheusName { get; } = Prometheus.PrometheusNames.Of(Name, Unit, Kind);
}
