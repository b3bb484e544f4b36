namespace Castellan.Telemetry.Metrics;

/// <summary>What a metric does over time.</summary>
public enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Is a state that is read when it is asked for.</summary>
    Gauge,

    /// <summary>A distribution of values over buckets.</summary>
    Histogram,
}
