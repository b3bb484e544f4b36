using System.Diagnostics.Metrics;
using Castellan.Telemetry.Metrics;

namespace Castellan.Telemetry.Prometheus;

/// <summary>Collects the metrics of this process from the moment it is made, for a Prometheus that asks for them.</summary>
public sealed class PrometheusCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, MetricFamily> _families;
    private readonly Lock _reading = new();

    /// <summary>Begins to collect.</summary>
    public PrometheusCollector() : this(MetricTable.Rows)
    {
    }

    internal PrometheusCollector(IEnumerable<MetricRow> rows)
    {
        _families = rows.ToDictionary(r => r.Name, r => new MetricFamily(r), StringComparer.Ordinal);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == CastellanMeter.Name && _families.TryGetValue(instrument.Name, out var family)) listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Everything that was measured, in Prometheus' text format.</summary>
    /// <param name="openMetrics">True writes OpenMetrics 1.0, false the text format 0.0.4.</param>
    public string Write(bool openMetrics = false)
    {
        lock (_reading) // one reader at a time, so that a state is not cleared under another's eyes
        {
            foreach (var family in _families.Values)
            {
                if (family.Row.Kind == MetricKind.Gauge) family.Clear();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // A state could not be read now; the others are there, and its own series is absent.
            }

            return PrometheusText.Write(_families.Values, openMetrics);
        }
    }

    /// <summary>Ends.</summary>
    public void Dispose() => _listener.Dispose();
}
