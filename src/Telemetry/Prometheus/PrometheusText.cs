using System.Globalization;
using System.Text;
using Castellan.Telemetry.Metrics;

namespace Castellan.Telemetry.Prometheus;

/// <summary>Writes metrics as text.</summary>
/// <remarks>Sources: Prometheus, "Exposition formats", text format 0.0.4; OpenMetrics 1.0.0.</remarks>
public static class PrometheusText
{
    /// <summary>Media type of the text format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Media type of OpenMetrics.</summary>
    public const string OpenMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    internal static string Write(IEnumerable<MetricFamily> families, bool openMetrics)
    {
        var text = new StringBuilder();
        foreach (var family in families.OrderBy(f => f.Row.PrometheusName, StringComparer.Ordinal))
        {
            var series = family.Series.ToList();
            if (series.Count > 0) Family(text, family, series, openMetrics);
        }

        return (openMetrics ? text.Append("# EOF\n") : text).ToString();
    }

    private static void Family(StringBuilder text, MetricFamily family, List<MetricSeries> all, bool openMetrics)
    {
        var row = family.Row;
        var name = row.PrometheusName;
        // OpenMetrics names the family of a counter without what its samples end in.
        var title = openMetrics && row.Kind == MetricKind.Counter ? name[..^"_total".Length] : name;
        text.Append("# HELP ").Append(title).Append(' ').Append(Escape(row.Description, quotes: openMetrics)).Append('\n');
        text.Append("# TYPE ").Append(title).Append(' ').Append(row.Kind.ToString().ToLowerInvariant()).Append('\n');
        if (openMetrics && PrometheusNames.UnitOf(row.Unit) is { } unit) text.Append("# UNIT ").Append(title).Append(' ').Append(unit).Append('\n');
        var labels = row.Attributes.Select(PrometheusNames.Label).ToArray();
        foreach (var series in all)
        {
            var (sum, count, counts) = series.Read();
            if (row.Kind == MetricKind.Histogram) Histogram(text, new(name, labels, series.Values), family.Bounds, (sum, count, counts), openMetrics);
            else Sample(text, name, Labels(labels, series.Values, null), Number(sum));
        }
    }

    private static void Histogram(StringBuilder text, Head head, IReadOnlyList<double> bounds, (double Sum, long Count, long[] Counts) read, bool openMetrics)
    {
        var below = 0L;
        for (var i = 0; i < bounds.Count; i++)
        {
            below += read.Counts[i];
            Sample(text, $"{head.Name}_bucket", Labels(head.Labels, head.Values, Bound(bounds[i], openMetrics)), Number(below));
        }

        Sample(text, $"{head.Name}_bucket", Labels(head.Labels, head.Values, "+Inf"), Number(read.Count));
        Sample(text, $"{head.Name}_sum", Labels(head.Labels, head.Values, null), Number(read.Sum));
        Sample(text, $"{head.Name}_count", Labels(head.Labels, head.Values, null), Number(read.Count));
    }

    private static void Sample(StringBuilder text, string name, string labels, string value) => text.Append(name).Append(labels).Append(' ').Append(value).Append('\n');

    // A label without a value is the same as none.
    private static string Labels(string[] names, string[] values, string? bound)
    {
        var written = names.Zip(values).Where(l => l.Second.Length > 0).Select(l => $"{l.First}=\"{Escape(l.Second, quotes: true)}\"");
        var all = string.Join(',', bound is null ? written : written.Append($"le=\"{bound}\""));
        return all.Length == 0 ? "" : $"{{{all}}}";
    }

    private static string Bound(double value, bool openMetrics)
    {
        var text = Number(value);
        return openMetrics && !text.AsSpan().ContainsAny('.', 'e') ? $"{text}.0" : text;
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'),
    };

    private static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private sealed record Head(string Name, string[] Labels, string[] Values);
}
