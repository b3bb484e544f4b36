using Castellan.Storage;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>Full disks, small memory.</summary>
public sealed class LimitTests
{
    private static void Register(WorkflowRuntimeOptions options)
    {
        options.MaxKeptExecutions = 2;
        options.RegisterWorkflow<string, string>("waiter", async (context, name) =>
        {
            var step = await context.CallActivityAsync<string>("echo", name);
            return step + await context.WaitForExternalEventAsync<string>("go");
        });
        options.RegisterActivity<string, string>("echo", (_, text) => Task.FromResult(text.Length > 100 ? "long" : text));
    }

    [Fact]
    public async Task Instances_WhenMoreAreIdleThanFitInMemory_AllGoOn()
    {
        await using var sidecar = await TestSidecar.StartAsync(new() { MaxIdleInstances = 1 });
        await sidecar.AddWorkerAsync(Register);
        var client = sidecar.Client();
        var ids = Enumerable.Range(0, 60).Select(i => "w" + i).ToList();
        await Task.WhenAll(ids.Select(id => client.ScheduleNewWorkflowAsync("waiter", id, id)));
        await Task.WhenAll(ids.Select(id => client.RaiseEventAsync(id, "go", "!")));
        var states = await Task.WhenAll(ids.Select(id => client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit())));
        Assert.Equal(ids.Select(id => id + "!"), states.Select(state => state.ReadOutputAs<string>()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_WhenTheStoreIsFull_FailsAndTheNextOneWorks(bool withWorker)
    {
        await using var sidecar = await TestSidecar.StartAsync(maxBytes: 512 * 1024);
        if (withWorker)
        {
            await sidecar.AddWorkerAsync(Register);
        }

        var client = sidecar.Client();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => client.ScheduleNewWorkflowAsync("waiter", "one", new string('x', 2 << 20)));
        Assert.False((await client.GetWorkflowStateAsync("one")).Exists);
        await client.ScheduleNewWorkflowAsync("waiter", "one", "small");
        if (!withWorker)
        {
            await sidecar.AddWorkerAsync(Register);
        }

        await client.RaiseEventAsync("one", "go", "!");
        Assert.Equal("small!", (await client.WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }
}
