using Castellan.KubeClient.WorkQueue;

namespace Castellan.KubeClient.Tests.WorkQueue;

public sealed class WorkQueueTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Add_WhenKeyWaits_IsTakenOnce()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.Add("a");
        queue.Add("a");

        Assert.Equal("a", await queue.TakeAsync(default));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Add_WhenKeyIsWorkedOn_ComesAgainAfterDone()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.Add("a");
        await queue.TakeAsync(default);
        queue.Add("a");
        Assert.Equal(0, queue.Count);

        queue.Done("a");

        Assert.Equal("a", await queue.TakeAsync(default));
    }

    [Fact]
    public void AddAfter_WhenAskedTwice_ComesAtTheEarlier()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.AddAfter("a", TimeSpan.FromSeconds(20));

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, queue.Count);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void AddWithBackoff_WhenKeyFailsAgain_WaitsTwiceAsLongUpToTheBound()
    {
        using var queue = new WorkQueue<string>(_time, new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)));

        Assert.Equal([1, 2, 3, 3], Enumerable.Range(0, 4).Select(_ => (int)queue.AddWithBackoff("a").TotalSeconds));
        queue.Forget("a");
        Assert.Equal(1, queue.AddWithBackoff("a").TotalSeconds);
    }
}
