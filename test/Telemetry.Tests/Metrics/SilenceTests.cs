using System.Diagnostics;
using Castellan.Telemetry.Metrics;
using Castellan.Telemetry.Tracing;

namespace Castellan.Telemetry.Tests.Metrics;

/// <summary>What the hot path does where nobody listens costs no memory.</summary>
public sealed class SilenceTests
{
    private static readonly MetricRow Row = new($"silent.{Guid.NewGuid():N}", MetricKind.Histogram, "s", "Nobody listens.", "test") { Attributes = ["a"], Buckets = [1] };

    [Fact]
    public void HotPath_WhenNobodyListens_AllocatesNothing()
    {
        using var source = new ActivitySource($"silent {Guid.NewGuid()}");
        var (histogram, counter) = (CastellanMeter.Histogram(Row), CastellanMeter.Counter(Row with { Name = $"{Row.Name}.count", Kind = MetricKind.Counter }));
        Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Pass();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Pass()
        {
            if (source.HasListeners() || histogram.Enabled || TraceContext.Current != default) throw new InvalidOperationException("somebody listens");
            counter.Add(1, new("a", "b"), new("c", "d"));
        }
    }
}
