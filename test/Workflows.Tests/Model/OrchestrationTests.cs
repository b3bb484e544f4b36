namespace Castellan.Workflows.Tests.Model;

/// <summary>What orchestrations can do, on the embedded sidecar with a worker in memory.</summary>
public class OrchestrationTests : IAsyncLifetime
{
    protected virtual Backend Backend => Backend.Sqlite;

    private TestSidecar _sidecar = null!;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync(on: Backend);

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    [Fact]
    public async Task Activities_WhenChained_PassResultsOn()
    {
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<string, string>("chain", async (context, name) =>
            {
                var greeting = await context.CallActivityAsync<string>("greet", name);
                return await context.CallActivityAsync<string>("shout", greeting);
            });
            options.RegisterActivity<string, string>("greet", (_, name) => Task.FromResult($"Hello {name}!"));
            options.RegisterActivity<string, string>("shout", (_, text) => Task.FromResult(text.ToUpperInvariant()));
        });
        var state = await _sidecar.RunAsync("chain", "dapr");
        Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
        Assert.Equal("HELLO DAPR!", state.ReadOutputAs<string>());
        Assert.Equal("dapr", state.ReadInputAs<string>());
        Assert.Equal("chain", state.WorkflowName);
    }

    [Fact]
    public async Task Activities_WhenFannedOut_AllRunAndResultsKeepTheirOrder()
    {
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<int, int[]>("fan", (context, count) => context.ProcessInParallelAsync(
                Enumerable.Range(0, count), item => context.CallActivityAsync<int>("square", item), maxConcurrency: 7));
            options.RegisterActivity<int, int>("square", (_, item) => Task.FromResult(item * item));
        });
        var state = await _sidecar.RunAsync("fan", 40);
        Assert.Equal(Enumerable.Range(0, 40).Select(item => item * item), state.ReadOutputAs<int[]>());
    }

    [Fact]
    public async Task Activity_WhenItThrows_FailsTheOrchestrationWithItsDetails()
    {
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<string?, string>("failing", (context, _) => context.CallActivityAsync<string>("broken"));
            options.RegisterActivity<string?, string>("broken", (_, _) => throw new InvalidOperationException("out of paper"));
        });
        var state = await _sidecar.RunAsync("failing");
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Contains("out of paper", state.FailureDetails!.ErrorMessage);
        Assert.True(state.FailureDetails.IsCausedBy<WorkflowTaskFailedException>());
    }

    [Fact]
    public async Task Activity_WhenEnlisting_CommitsItsWritesWithItsCompletion()
    {
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<string?, string>("effect", (context, _) => context.CallActivityAsync<string>("write"));
            options.RegisterActivity<string?, string>("write", (context, _) =>
            {
                ((IDurableActivityContext)context).Enlist(unit => unit.Insert("insert into effect(name) values('done')"));
                return Task.FromResult("ok");
            });
        });
        var before = _sidecar.Store.Statistics;
        var state = await _sidecar.RunAsync("effect");
        Assert.Equal("ok", state.ReadOutputAs<string>());
        Assert.Equal(["done"], await _sidecar.EffectsAsync());
        if (Backend == Backend.Sqlite) // a replica also commits its signs of life
        {
            Assert.Equal(2, _sidecar.Store.Statistics.Commits - before.Commits);
        }
    }
}
