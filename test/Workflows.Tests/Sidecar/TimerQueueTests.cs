using System.Collections.Concurrent;
using Castellan.Testing;
using Castellan.Workflows.Sidecar;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>Timers in memory: those of the living fire, those of the dead are soon gone.</summary>
public sealed class TimerQueueTests
{
    [Fact]
    public async Task Drop_WhenExecutionsEnd_KeepsMemoryBoundedAndFiresOnlyTheLiving()
    {
        var clock = new ManualTimeProvider();
        var fired = new ConcurrentQueue<DueTimer>();
        await using var queue = new TimerQueue(clock, fired.Enqueue);
        for (var i = 0; i < 10_000; i++)
        {
            queue.Add(new(clock.GetUtcNow().AddHours(1), $"w{i}", "first", 0));
            if (i % 100 != 0)
            {
                queue.Drop($"w{i}", "first");
            }
        }

        Assert.InRange(queue.Count, 100, 400);
        queue.Drop("w0", "first");
        queue.Add(new(clock.GetUtcNow().AddHours(1), "w0", "second", 0)); // it has begun anew
        queue.Add(new(clock.GetUtcNow().AddHours(1), "w0", "first", 1)); // and was taken up again
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(101, fired.Count);
        Assert.Equal([("first", 1), ("second", 0)], fired.Where(due => due.InstanceId == "w0").Select(due => (due.ExecutionId, due.Task)).Order());
        Assert.Equal(0, queue.Count);
    }
}
