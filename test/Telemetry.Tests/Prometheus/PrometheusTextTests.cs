using System.Diagnostics.Metrics;
using Castellan.Telemetry.Metrics;
using Castellan.Telemetry.Prometheus;
using Castellan.Testing;

namespace Castellan.Telemetry.Tests.Prometheus;

/// <summary>The text of a collector, to the letter and as the real promtool reads it. Rows of the tests' own keep other tests out.</summary>
public sealed class PrometheusTextTests : IDisposable
{
    private static readonly string Mark = Guid.NewGuid().ToString("N")[..8];

    private static readonly MetricRow Calls = new($"test.{Mark}.calls", MetricKind.Counter, "{call}", "Calls, \"quoted\"\nand \\ broken.", "test") { Attributes = ["kind", "state.name"] };
    private static readonly MetricRow Wait = new($"test.{Mark}.wait", MetricKind.Histogram, "s", "A wait.", "test") { Attributes = ["kind"], Buckets = [0.005, 1, 10] };
    private static readonly MetricRow Depth = new($"test.{Mark}.depth", MetricKind.Gauge, "{item}", "How deep.", "test");

    private readonly PrometheusCollector _collector = new([Calls, Wait, Depth]);

    public void Dispose() => _collector.Dispose();

    [Fact]
    public void Write_WhenThereAreMeasurements_IsExact()
    {
        Measure();
        using var gauge = CastellanMeter.Gauge(Depth, () => [new Measurement<double>(3)]);
        Assert.Equal($$"""
            # HELP test_{{Mark}}_calls_total Calls, "quoted"\nand \\ broken.
            # TYPE test_{{Mark}}_calls_total counter
            test_{{Mark}}_calls_total{kind="a\"b\\c\nd"} 1
            test_{{Mark}}_calls_total{kind="tool",state_name="done"} 3
            # HELP test_{{Mark}}_depth How deep.
            # TYPE test_{{Mark}}_depth gauge
            test_{{Mark}}_depth 3
            # HELP test_{{Mark}}_wait_seconds A wait.
            # TYPE test_{{Mark}}_wait_seconds histogram
            test_{{Mark}}_wait_seconds_bucket{kind="tool",le="0.005"} 1
            test_{{Mark}}_wait_seconds_bucket{kind="tool",le="1"} 2
            test_{{Mark}}_wait_seconds_bucket{kind="tool",le="10"} 2
            test_{{Mark}}_wait_seconds_bucket{kind="tool",le="+Inf"} 3
            test_{{Mark}}_wait_seconds_sum{kind="tool"} 12.505
            test_{{Mark}}_wait_seconds_count{kind="tool"} 3

            """, _collector.Write());
    }

    [Fact]
    public void Write_WhenOpenMetricsIsAskedFor_SaysUnitAndEnd()
    {
        Measure();
        var text = _collector.Write(openMetrics: true);
        Assert.Contains($"# TYPE test_{Mark}_calls counter\n", text, StringComparison.Ordinal);
        Assert.Contains($"# UNIT test_{Mark}_wait_seconds seconds\n", text, StringComparison.Ordinal);
        Assert.Contains("le=\"10.0\"", text, StringComparison.Ordinal);
        Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WhenPromtoolReadsIt_HasNoFault()
    {
        Measure();
        using var gauge = CastellanMeter.Gauge(Depth, () => [new Measurement<double>(3)]);
        await Promtool.CheckMetricsAsync(_collector.Write());
    }

    [Fact]
    public void Write_WhenAGaugeHasEnded_LeavesItOut()
    {
        CastellanMeter.Gauge(Depth, () => [new Measurement<double>(3)]).Dispose();
        using var broken = CastellanMeter.Gauge(Depth, () => throw new InvalidOperationException("not now"));
        Assert.Equal("", _collector.Write());
    }

    [Fact]
    public void Record_WhenAttributesTakeTooManyValues_CountsTheRestTogether()
    {
        var calls = CastellanMeter.Counter(Calls);
        for (var i = 0; i < MetricFamily.MostSeries + 50; i++) calls.Add(1, new("kind", $"k{i}"), new("state.name", "done"));
        var lines = _collector.Write().Split('\n').Where(l => !l.StartsWith('#') && l.Length > 0).ToList();
        Assert.Equal(MetricFamily.MostSeries + 1, lines.Count);
        Assert.Contains($"test_{Mark}_calls_total{{kind=\"_overflow\",state_name=\"_overflow\"}} 50", lines);
    }

    [Fact]
    public void Record_WhenTheSeriesIsThere_AllocatesNothing()
    {
        var family = new MetricFamily(Wait);
        KeyValuePair<string, object?>[] tags = [new("kind", "tool")];
        for (var i = 0; i < 100; i++) family.Record(0.5, tags);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) family.Record(0.5, tags);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Measure()
    {
        var (calls, wait) = (CastellanMeter.Counter(Calls), CastellanMeter.Histogram(Wait));
        calls.Add(2, new("kind", "tool"), new("state.name", "done"), new("unknown", "dropped"));
        calls.Add(1, new("state.name", "done"), new("kind", "tool"));
        calls.Add(1, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));
        foreach (var value in new[] { 0.005, 0.5, 12 }) wait.Record(value, new KeyValuePair<string, object?>("kind", "tool"));
    }
}
