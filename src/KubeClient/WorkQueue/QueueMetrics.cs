using System.Diagnostics;
using System.Diagnostics.Metrics;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;

namespace Castellan.KubeClient.WorkQueue;

/// <summary>What is measured of one queue, under client-go's names. The queue calls it under its lock.</summary>
internal sealed class QueueMetrics<TKey> : IDisposable where TKey : notnull
{
    private readonly Dictionary<TKey, long> _added = [];
    private readonly KeyValuePair<string, object?> _name;
    private readonly IDisposable _depth;

    public QueueMetrics(string name, Func<int> depth)
    {
        _name = new(SemanticNames.QueueName, name);
        _depth = CastellanMeter.Gauge(MetricTable.QueueDepth, () => [new Measurement<double>(depth(), _name)]);
    }

    public void Added(TKey key)
    {
        QueueInstruments.Adds.Add(1, _name);
        if (QueueInstruments.Wait.Enabled) _added.TryAdd(key, Stopwatch.GetTimestamp());
    }

    public void Taken(TKey key)
    {
        if (_added.Remove(key, out var added)) QueueInstruments.Wait.Record(Stopwatch.GetElapsedTime(added).TotalSeconds, _name);
    }

    public void Retried() => QueueInstruments.Retries.Add(1, _name);

    public void Dispose() => _depth.Dispose();
}

internal static class QueueInstruments
{
    public static readonly Counter<long> Adds = CastellanMeter.Counter(MetricTable.QueueAdds);
    public static readonly Counter<long> Retries = CastellanMeter.Counter(MetricTable.QueueRetries);
    public static readonly Histogram<double> Wait = CastellanMeter.Histogram(MetricTable.QueueWait);
}
