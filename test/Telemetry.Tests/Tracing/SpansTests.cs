using System.Collections.Concurrent;
using System.Diagnostics;
using Castellan.Telemetry.Tracing;

namespace Castellan.Telemetry.Tests.Tracing;

public sealed class SpansTests : IDisposable
{
    private readonly ActivitySource _source = new($"test {Guid.NewGuid()}");
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly ActivityListener _listener;

    public SpansTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source == _source,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent == default || options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void Start_WhenTheFrameworkOpenedASpan_StartsATraceAllTheSame()
    {
        using var framework = new Activity("framework").Start();
        using (var span = Spans.Start(_source, "root", ActivityKind.Server, default))
        {
            Assert.Equal((default, true), (span!.ParentSpanId, span.TraceId != framework.TraceId));
        }
    }

    [Fact]
    public void Start_WhenNobodyListens_LeavesTheOpenSpanOpen()
    {
        using var around = new Activity("framework").Start();
        using var silent = new ActivitySource("silent");
        Assert.Null(Spans.Start(silent, "root", ActivityKind.Server, default));
        Assert.Same(around, Activity.Current);
    }

    [Fact]
    public void Resume_WhenAnIdWasGivenOut_TellsOfThatSpan()
    {
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=1");
        var self = PinnedTrace.Of(Spans.Reserve(parent))!.Context; // as it comes back from the store
        var began = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        using (var span = Spans.Resume(_source, "invoke_agent a", self, parent, began))
        {
            Assert.Equal((self.SpanId, parent.SpanId, self.TraceId, began.UtcDateTime), (span!.SpanId, span.ParentSpanId, span.TraceId, span.StartTimeUtc));
            Assert.Contains(self.SpanId.ToHexString(), span.Id, StringComparison.Ordinal);
            Assert.NotSame(span, Activity.Current);
        }

        Assert.True(Assert.Single(_stopped).Duration >= TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void Resume_WhenTheTraceWasNotSampled_TellsNothing()
    {
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None);
        Assert.Null(Spans.Resume(_source, "invoke_agent a", Spans.Reserve(parent), parent, TimeProvider.System.GetUtcNow()));
    }
}
