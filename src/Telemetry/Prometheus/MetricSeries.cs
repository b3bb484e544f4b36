namespace Castellan.Telemetry.Prometheus;

/// <summary>One metric with one set of attribute values. Safe for many threads.</summary>
internal sealed class MetricSeries(string[] values, int buckets)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[buckets];
    private double _sum;
    private long _count;

    /// <summary>Values of the attributes, in the order of the row; empty where an attribute is absent.</summary>
    public string[] Values => values;

    /// <summary>Adds to a counter, or a value to a distribution.</summary>
    /// <param name="value">What was measured.</param>
    /// <param name="bucket">The first bucket that holds it; past the last one for none.</param>
    public void Add(double value, int bucket)
    {
        lock (_lock)
        {
            _sum += value;
            _count++;
            if (bucket < _counts.Length) _counts[bucket]++;
        }
    }

    /// <summary>Sets a state.</summary>
    public void Set(double value)
    {
        lock (_lock) (_sum, _count) = (value, 1);
    }

    /// <summary>What it holds at one moment: sum, count and how many are in each bucket alone.</summary>
    public (double Sum, long Count, long[] Counts) Read()
    {
        lock (_lock) return (_sum, _count, [.. _counts]);
    }
}
