using System.Diagnostics.Metrics;

namespace Castellan.Telemetry.Metrics;

/// <summary>The meter of all metrics, and instruments from the rows of their table.</summary>
/// <remarks>Ask <see cref="Instrument.Enabled"/> before computing what is recorded: without a listener nothing shall cost anything.</remarks>
public static class CastellanMeter
{
    /// <summary>Name of the meter, for whoever exports it.</summary>
    public const string Name = "Castellan";

    private static readonly Meter Meter = new(Name);

    /// <summary>An instrument that only grows.</summary>
    public static Counter<long> Counter(MetricRow row) => Meter.CreateCounter<long>(row.Name, UnitOf(row), row.Description);

    /// <summary>An instrument of a distribution, with the buckets of its row.</summary>
    public static Histogram<double> Histogram(MetricRow row) =>
        Meter.CreateHistogram(row.Name, UnitOf(row), row.Description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = row.Buckets });

    /// <summary>A state that is read when it is asked for, until it is disposed of.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="read">Reads it, without waiting for anything; what it throws counts as no measurement.</param>
    public static IDisposable Gauge(MetricRow row, Func<IEnumerable<Measurement<double>>> read) => new OwnGauge(row, read);

    private static string? UnitOf(MetricRow row) => row.Unit.Length > 0 ? row.Unit : null;

    // An instrument lives as long as its meter, so a gauge has a meter of its own that ends with its owner.
    private sealed class OwnGauge : IDisposable
    {
        private readonly Meter _meter = new(Name);

        public OwnGauge(MetricRow row, Func<IEnumerable<Measurement<double>>> read) => _meter.CreateObservableGauge(row.Name, read, UnitOf(row), row.Description);

        public void Dispose() => _meter.Dispose();
    }
}
