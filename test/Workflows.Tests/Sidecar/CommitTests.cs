using Castellan.Storage;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>What is committed together, and what happens when a commit fails.</summary>
public class CommitTests : IAsyncLifetime
{
    protected virtual Backend Backend => Backend.Sqlite;

    private TestSidecar _sidecar = null!;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync(on: Backend);

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, string>("call", async (context, name) =>
        {
            try
            {
                return await context.CallActivityAsync<string>("effect", name);
            }
            catch (WorkflowTaskFailedException failed)
            {
                return "failed: " + failed.FailureDetails.ErrorMessage;
            }
        });
        options.RegisterActivity<string, string>("effect", (context, name) =>
        {
            ((IDurableActivityContext)context).Enlist(unit => unit.Insert("insert into effect(name) values($1)", name));
            return Task.FromResult("done");
        });
    }

    private static void Insert(IUnitOfWork unit, string name) => unit.Insert("insert into effect(name) values($1)", name);

    [Fact]
    public async Task Call_WhenSimple_NeedsTwoCommits()
    {
        _sidecar.Hub().ObserveTurns(turn =>
        {
            foreach (var activity in turn.Activities)
            {
                turn.Enlist(unit => Insert(unit, $"intent {activity.Name} {activity.InputJson} of {turn.WorkflowName}, first {turn.IsFirst}"));
            }
        });
        await _sidecar.AddWorkerAsync(Register);
        var before = _sidecar.Store.Statistics.Commits;
        await _sidecar.Hub().StartAsync("call", "one", "outcome", unit => Insert(unit, "accepted"), CancellationToken.None);
        var state = await _sidecar.Client().WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit());
        Assert.Equal("done", state.ReadOutputAs<string>());
        Assert.Equal(["accepted", "intent effect \"outcome\" of call, first True", "outcome"], await _sidecar.EffectsAsync());
        if (Backend == Backend.Sqlite) // a replica also commits its signs of life
        {
            Assert.Equal(2, _sidecar.Store.Statistics.Commits - before);
        }
    }

    [Fact]
    public async Task Start_WhenItsEnlistedWriteThrows_StartsNothing()
    {
        await _sidecar.AddWorkerAsync(Register);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            _sidecar.Hub().StartAsync("call", "one", "x", _ => throw new InvalidOperationException("no"), CancellationToken.None));
        Assert.False((await _sidecar.Client().GetWorkflowStateAsync("one")).Exists);
        Assert.Empty(await _sidecar.EffectsAsync());
        Assert.Equal("done", (await _sidecar.RunAsync("call", "y", "one")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Start_WhenNoWorkerIsAttached_IsDurableAtOnceWithItsWrites()
    {
        await _sidecar.Hub().StartAsync("call", "one", "x", unit => Insert(unit, "accepted"), CancellationToken.None);
        Assert.Equal(["accepted"], await _sidecar.EffectsAsync());
        await _sidecar.RestartAsync();
        await _sidecar.AddWorkerAsync(Register);
        Assert.Equal("done", (await _sidecar.Client().WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Activity_WhenItsEnlistedWriteThrows_CountsAsFailed()
    {
        await _sidecar.Store.WriteAsync(unit => Insert(unit, "taken"), CancellationToken.None);
        await _sidecar.AddWorkerAsync(Register);
        Assert.Contains("unique constraint", (await _sidecar.RunAsync("call", "taken")).ReadOutputAs<string>(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Turn_WhenItsObserverRefuses_FailsAndReleasesNothing()
    {
        _sidecar.Hub().ObserveTurns(turn =>
        {
            if (turn.Activities.Count > 0)
            {
                turn.Enlist(_ => throw new InvalidOperationException("no audit, no call"));
            }
        });
        await _sidecar.AddWorkerAsync(Register);
        var state = await _sidecar.RunAsync("call", "x");
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Contains("no audit, no call", state.FailureDetails!.ErrorMessage);
        Assert.Empty(await _sidecar.EffectsAsync());
    }

    [Fact]
    public async Task Worker_WhenItStopsAndComesBack_LosesNothing()
    {
        using var entered = new SemaphoreSlim(0);
        var runs = 0;
        void Slow(WorkflowRuntimeOptions options)
        {
            options.DrainTimeout = TimeSpan.FromMilliseconds(50);
            options.RegisterWorkflow<string?, string>("slow", (context, _) => context.CallActivityAsync<string>("slow"));
            options.RegisterActivity<string?, string>("slow", async (context, _) =>
            {
                var durable = (IDurableActivityContext)context;
                entered.Release();
                if (Interlocked.Increment(ref runs) == 1)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, durable.Stopping);
                }

                return "delivery " + durable.Delivery;
            });
        }

        var worker = await _sidecar.AddWorkerAsync(Slow);
        await _sidecar.Client().ScheduleNewWorkflowAsync("slow", "one");
        await entered.WaitAsync(TestSidecar.Limit());
        await worker.StopAsync();
        await _sidecar.AddWorkerAsync(Slow);
        var state = await _sidecar.Client().WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit());
        Assert.Equal("delivery 2", state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Worker_WhenItStopsWhileAnActivityEnds_DrainsWithoutWaitingForItsTimeout()
    {
        using var entered = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var worker = await _sidecar.AddWorkerAsync(options =>
        {
            options.DrainTimeout = TimeSpan.FromMinutes(10);
            options.RegisterWorkflow<string?, string>("two", async (context, _) =>
                await context.CallActivityAsync<string>("first") + await context.CallActivityAsync<string>("second"));
            options.RegisterActivity<string?, string>("first", async (_, _) =>
            {
                entered.Release();
                await go.WaitAsync(TestSidecar.Limit());
                return "a";
            });
            options.RegisterActivity<string?, string>("second", (_, _) => Task.FromResult("b"));
        });
        await _sidecar.Client().ScheduleNewWorkflowAsync("two", "one");
        await entered.WaitAsync(TestSidecar.Limit());
        var stopping = worker.StopAsync();
        go.Release();
        await stopping.WaitAsync(TestSidecar.Limit());
        var pending = await _sidecar.Store.ReadAsync(view => view.Query("select task from workflow_activity", row => row.GetInt32(0)), CancellationToken.None);
        Assert.Equal([1], pending); // the first is durable, the second waits for the next worker
    }

    [Fact]
    public async Task Event_WhenHeldWhileTheInstanceIsSuspended_BecomesDurable()
    {
        using var inTurn = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        await _sidecar.AddWorkerAsync(options =>
        {
            options.NonDeterminism = Castellan.Workflows.Determinism.NonDeterminismCheck.Off; // it blocks its turn, which no orchestration should
            options.RegisterWorkflow<string?, string>("slow turn", async (context, _) =>
            {
                await context.WaitForExternalEventAsync<string>("first");
                inTurn.Release();
                go.Wait(TimeSpan.FromSeconds(20));
                return await context.WaitForExternalEventAsync<string>("second");
            });
        });
        var client = _sidecar.Client();
        await client.ScheduleNewWorkflowAsync("slow turn", "one");
        await client.WaitForWorkflowStartAsync("one", cancellation: TestSidecar.Limit());
        var first = client.RaiseEventAsync("one", "first");
        await inTurn.WaitAsync(TestSidecar.Limit());
        var second = client.RaiseEventAsync("one", "second", "two"); // held behind the running turn
        var suspending = client.SuspendWorkflowAsync("one");
        go.Set();
        await Task.WhenAll(first, second, suspending).WaitAsync(TestSidecar.Limit());
        await client.ResumeWorkflowAsync("one");
        Assert.Equal("two", (await client.WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Instance_WhenItEndsBeforeItsActivity_TheEnlistedWriteIsKept()
    {
        using var entered = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<string?, string>("cut", (context, _) => context.CallActivityAsync<string>("late"));
            options.RegisterActivity<string?, string>("late", async (context, _) =>
            {
                ((IDurableActivityContext)context).Enlist(unit => Insert(unit, "outcome"));
                entered.Release();
                await go.WaitAsync(TestSidecar.Limit());
                return "";
            });
        });
        await _sidecar.Client().ScheduleNewWorkflowAsync("cut", "one");
        await entered.WaitAsync(TestSidecar.Limit());
        await _sidecar.Client().TerminateWorkflowAsync("one");
        go.Release();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await _sidecar.EffectsAsync()).Count == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
