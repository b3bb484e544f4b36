using System.Collections.Concurrent;
using System.Globalization;
using Castellan.Telemetry.Metrics;

namespace Castellan.Telemetry.Prometheus;

/// <summary>All series of one metric.</summary>
internal sealed class MetricFamily
{
    /// <summary>Most series of one metric; what comes on top is counted in one series that says so.</summary>
    internal const int MostSeries = 2000;

    /// <summary>Value of every attribute of the series that takes what comes on top.</summary>
    internal const string Overflow = "_overflow";

    private const int ShortKey = 256;
    private const char Separator = '\u001f';

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MetricSeries>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly double[] _bounds;
    private readonly string[] _attributes;

    public MetricFamily(MetricRow row)
    {
        (Row, _bounds, _attributes, _lookup) = (row, [.. row.Buckets], [.. row.Attributes], _series.GetAlternateLookup<ReadOnlySpan<char>>());
    }

    public MetricRow Row { get; }

    public IReadOnlyList<double> Bounds => _bounds;

    public IEnumerable<MetricSeries> Series => _series.Values.OrderBy(s => string.Join(Separator, s.Values), StringComparer.Ordinal);

    /// <summary>Takes a measurement. Attributes that the row does not name are dropped.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (Row.Kind == MetricKind.Gauge) series.Set(value);
        else series.Add(value, Bucket(value));
    }

    /// <summary>Forgets what was read before: a state that nobody reads any more is gone.</summary>
    public void Clear() => _series.Clear();

    // The series that is there is found without an allocation.
    private MetricSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<char> key = stackalloc char[ShortKey];
        var length = 0;
        foreach (var attribute in _attributes)
        {
            if (length >= key.Length || !Text(tags, attribute).TryCopyTo(key[length..])) return Make(tags);
            length += Text(tags, attribute).Length;
            if (length >= key.Length) return Make(tags);
            key[length++] = Separator;
        }

        return _lookup.TryGetValue(key[..length], out var found) ? found : Make(tags);
    }

    private MetricSeries Make(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var values = new string[_attributes.Length];
        for (var i = 0; i < values.Length; i++) values[i] = Text(tags, _attributes[i]).ToString();
        if (_series.Count >= MostSeries && !_series.ContainsKey(KeyOf(values))) Array.Fill(values, Overflow);
        return _series.GetOrAdd(KeyOf(values), _ => new MetricSeries(values, _bounds.Length));
    }

    private static string KeyOf(string[] values) => string.Concat(values.Select(v => $"{v}{Separator}"));

    private static ReadOnlySpan<char> Text(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name) return tag.Value as string ?? Convert.ToString(tag.Value, CultureInfo.InvariantCulture);
        }

        return default;
    }

    private int Bucket(double value)
    {
        var at = Array.BinarySearch(_bounds, value);
        return at < 0 ? ~at : at;
    }
}
