using Castellan.Workflows.Sidecar;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>Which of several workers gets a turn.</summary>
public sealed class TurnDispatchTests
{
    private readonly TurnDispatch _dispatch = new();

    private WorkerStream Attach(int credit = 100)
    {
        var stream = new WorkerStream(new(credit, 1, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), TimeProvider.System) { IsLocal = false };
        _dispatch.Attach(stream);
        return stream;
    }

    private async Task<string> TakeAsync(WorkerStream stream)
    {
        await stream.TurnCredit.WaitAsync(TestSidecar.Limit());
        return await _dispatch.NextAsync(stream, TestSidecar.Limit());
    }

    [Fact]
    public async Task Instance_WhenSeveralWorkersAreFree_StaysWithOne()
    {
        WorkerStream[] streams = [Attach(), Attach(), Attach()];
        var homes = new Dictionary<string, int>();
        var waits = streams.Select(TakeAsync).ToArray();
        for (var round = 0; round < 3; round++)
        {
            foreach (var id in Enumerable.Range(0, 60).Select(i => "i" + i))
            {
                _dispatch.Enqueue(id);
                var at = Array.IndexOf(waits, await Task.WhenAny(waits));
                Assert.Equal(id, await waits[at]);
                streams[at].TurnCredit.Release();
                waits[at] = TakeAsync(streams[at]);
                Assert.Equal(at, homes.TryAdd(id, at) ? at : homes[id]);
            }
        }

        Assert.Equal(3, homes.Values.Distinct().Count());
    }

    [Fact]
    public async Task Instance_WhenItsWorkerIsFullOrGone_GoesToAnother()
    {
        var (one, two) = (Attach(1), Attach(100));
        foreach (var id in Enumerable.Range(0, 50).Select(i => "i" + i))
        {
            _dispatch.Enqueue(id); // some for each
        }

        await TakeAsync(one); // and it never answers
        for (var i = 0; i < 49; i++)
        {
            await TakeAsync(two);
        }

        var three = Attach();
        _dispatch.Detach(two);
        for (var i = 0; i < 20; i++)
        {
            _dispatch.Enqueue("j" + i);
            await TakeAsync(three);
        }
    }

    [Fact]
    public async Task Turn_WhenTheConnectionOfItsWorkerIsStuck_IsSpread()
    {
        var (stuck, idle) = (Attach(), Attach());
        await stuck.TurnCredit.WaitAsync(); // it has credit left but does not come for its turns
        var waiting = TakeAsync(idle);
        var i = 0;
        for (_dispatch.Enqueue("i0"); stuck.Backlog.Count == 0; _dispatch.Enqueue("i" + ++i))
        {
            await waiting; // it prefers the idle one
            waiting = TakeAsync(idle);
        }

        _dispatch.Spread();
        Assert.Equal("i" + i, await waiting);
    }

    [Fact]
    public async Task Turns_WhileCreditComesAndGoes_AreEachTakenOnce()
    {
        var stream = Attach(2);
        var enqueuing = Task.Run(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                _dispatch.Enqueue("i" + i);
            }
        });
        var returning = new Queue<Task>();
        var taken = new HashSet<string>();
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(taken.Add(await TakeAsync(stream)));
            returning.Enqueue(Task.Run(stream.TurnCredit.Release));
        }

        await Task.WhenAll(returning.Append(enqueuing)).WaitAsync(TestSidecar.Limit());
    }

    [Fact]
    public async Task Wait_WhenItIsEnded_LosesNoTurn()
    {
        var stream = Attach();
        using var ended = new CancellationTokenSource();
        var waiting = _dispatch.NextAsync(stream, ended.Token);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        _dispatch.Enqueue("one");
        Assert.Equal("one", await _dispatch.NextAsync(stream, TestSidecar.Limit()));
    }
}
