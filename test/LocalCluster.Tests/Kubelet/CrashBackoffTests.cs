using Castellan.LocalCluster.Kubelet.Pods;

namespace Castellan.LocalCluster.Tests.Kubelet;

public sealed class CrashBackoffTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Remaining_WhenContainerKeepsFailing_DoublesUpToTheLongest()
    {
        var backoff = new CrashBackoff(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));
        var now = Start;
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var wait = backoff.Remaining(now, now);
            waits.Add(wait.TotalSeconds);
            var finished = now;
            now += wait;
            backoff.Started(finished, now);
        }

        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], waits);
    }

    [Fact]
    public void Remaining_WhenContainerRanTwiceTheLongest_StartsOver()
    {
        var backoff = new CrashBackoff(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));
        backoff.Started(Start, Start);
        backoff.Started(Start, Start);

        Assert.Equal(TimeSpan.FromSeconds(20), backoff.Remaining(Start.AddMinutes(10), Start.AddMinutes(10)));
        Assert.Equal(TimeSpan.Zero, backoff.Remaining(Start.AddMinutes(10.1), Start.AddMinutes(10.1)));
    }
}
