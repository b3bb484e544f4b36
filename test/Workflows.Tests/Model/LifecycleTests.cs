using Castellan.Rpc;

namespace Castellan.Workflows.Tests.Model;

/// <summary>Children, continue-as-new, and what clients do to instances.</summary>
public class LifecycleTests : IAsyncLifetime
{
    protected virtual Backend Backend => Backend.Sqlite;

    private TestSidecar _sidecar = null!;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync(on: Backend);

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, int>("tree", async (context, depth) =>
        {
            if (depth == 0)
            {
                return 1;
            }

            var left = context.CallChildWorkflowAsync<int>("tree", depth - 1);
            var right = context.CallChildWorkflowAsync<int>("tree", depth - 1, new() { InstanceId = context.InstanceId + "/right" });
            return await left + await right;
        });
        options.RegisterWorkflow<string, string>("waiter", async (context, name) => await context.WaitForExternalEventAsync<string>(name));
        options.RegisterWorkflow<string?, string>("parent", async (context, _) =>
        {
            try
            {
                return await context.CallChildWorkflowAsync<string>("waiter", "go", new() { InstanceId = "child" });
            }
            catch (WorkflowTaskFailedException failed)
            {
                return failed.FailureDetails.ErrorType;
            }
        });
        options.RegisterWorkflow<string?, string>("failing child", (_, _) => throw new InvalidOperationException("boom"));
        options.RegisterWorkflow<string?, string>("careful", async (context, _) =>
        {
            try
            {
                return await context.CallChildWorkflowAsync<string>("failing child");
            }
            catch (WorkflowTaskFailedException failed)
            {
                return failed.FailureDetails.ToString();
            }
        });
        RegisterRepeating(options);
        options.RegisterWorkflow<string, string>("sender", (context, receiver) =>
        {
            context.SendEvent(receiver, "go", "from " + context.InstanceId);
            return Task.FromResult("sent");
        });
    }

    private static void RegisterRepeating(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, int>("count", async (context, number) =>
        {
            context.SetCustomStatus($"at {number}");
            var step = await context.CallActivityAsync<int>("increment", number);
            if (step < 50)
            {
                context.ContinueAsNew(step);
            }

            return step;
        });
        options.RegisterActivity<int, int>("increment", (_, number) => Task.FromResult(number + 1));
        options.RegisterWorkflow<int, string>("keeper", async (context, round) =>
        {
            await context.WaitForExternalEventAsync<string>("tick");
            if (round < 2)
            {
                context.ContinueAsNew(round + 1);
                return "";
            }

            return "three ticks";
        });
    }

    [Fact]
    public async Task Children_WhenNested_ReturnTheirResults()
    {
        await _sidecar.AddWorkerAsync(Register);
        Assert.Equal(16, (await _sidecar.RunAsync("tree", 4)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Child_WhenItFails_TellsItsParent()
    {
        await _sidecar.AddWorkerAsync(Register);
        Assert.Equal("System.InvalidOperationException: boom", (await _sidecar.RunAsync("careful")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Child_WhenItsIdIsTaken_FailsAtItsParent()
    {
        await _sidecar.AddWorkerAsync(Register);
        await _sidecar.Client().ScheduleNewWorkflowAsync("waiter", "child", "never");
        Assert.Equal("AlreadyExists", (await _sidecar.RunAsync("parent")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task ContinueAsNew_WhenRepeated_KeepsOneShortHistory()
    {
        await _sidecar.AddWorkerAsync(Register);
        var state = await _sidecar.RunAsync("count", 0, "counter");
        Assert.Equal(50, state.ReadOutputAs<int>());
        Assert.Equal("at 49", state.ReadCustomStatusAs<string>());
        Assert.InRange((await _sidecar.Client().GetInstanceHistoryAsync("counter")).Count, 1, 8);
    }

    [Fact]
    public async Task ContinueAsNew_WhenEventsCameTooEarly_KeepsThem()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        await client.ScheduleNewWorkflowAsync("keeper", "keeper", 0);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => client.RaiseEventAsync("keeper", "tick")));
        var state = await client.WaitForWorkflowCompletionAsync("keeper", cancellation: TestSidecar.Limit());
        Assert.Equal("three ticks", state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task SendEvent_WhenTheReceiverWaits_Reaches()
    {
        await _sidecar.AddWorkerAsync(Register);
        await _sidecar.Client().ScheduleNewWorkflowAsync("waiter", "receiver", "go");
        await _sidecar.RunAsync("sender", "receiver", "sender");
        var state = await _sidecar.Client().WaitForWorkflowCompletionAsync("receiver", cancellation: TestSidecar.Limit());
        Assert.Equal("from sender", state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Terminate_WhenRecursive_EndsParentAndChild()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        await client.ScheduleNewWorkflowAsync("parent", "parent");
        await WaitUntilExistsAsync(client, "child");
        await client.TerminateWorkflowAsync("parent", "stop");
        var parent = await client.WaitForWorkflowCompletionAsync("parent", cancellation: TestSidecar.Limit());
        var child = await client.WaitForWorkflowCompletionAsync("child", cancellation: TestSidecar.Limit());
        Assert.Equal((WorkflowRuntimeStatus.Terminated, "stop"), (parent.RuntimeStatus, parent.ReadOutputAs<string>()));
        Assert.Equal(WorkflowRuntimeStatus.Terminated, child.RuntimeStatus);
        await client.TerminateWorkflowAsync("parent"); // ended already: nothing to do
    }

    [Fact]
    public async Task Terminate_WhenTheChildIsTerminated_TheParentLearnsIt()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        await client.ScheduleNewWorkflowAsync("parent", "parent");
        await WaitUntilExistsAsync(client, "child");
        await client.TerminateWorkflowAsync("child");
        Assert.Equal("Terminated", (await client.WaitForWorkflowCompletionAsync("parent", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Suspend_WhenAnEventComes_WaitsForResume()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        await client.ScheduleNewWorkflowAsync("waiter", "one", "go");
        await client.SuspendWorkflowAsync("one", "lunch");
        await client.RaiseEventAsync("one", "go", "went");
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await client.GetWorkflowStateAsync("one")).RuntimeStatus);
        await _sidecar.RestartAsync();
        await _sidecar.AddWorkerAsync(Register);
        client = _sidecar.Client();
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await client.GetWorkflowStateAsync("one")).RuntimeStatus);
        await client.ResumeWorkflowAsync("one");
        Assert.Equal("went", (await client.WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Start_WhenTheIdIsActive_IsRefusedAndReusedOnceItEnded()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        await client.ScheduleNewWorkflowAsync("waiter", "one", "go");
        var error = await Assert.ThrowsAsync<RpcException>(() => client.ScheduleNewWorkflowAsync("waiter", "one", "go"));
        Assert.Equal(StatusCode.AlreadyExists, error.StatusCode);
        await client.TerminateWorkflowAsync("one");
        Assert.Equal(2, (await _sidecar.RunAsync("tree", 1, "one")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Purge_WhenEnded_RemovesTheInstanceAndItsChildren()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        await client.ScheduleNewWorkflowAsync("waiter", "active", "go");
        await _sidecar.RunAsync("tree", 2, "tree");
        Assert.False(await client.PurgeInstanceAsync("active"));
        Assert.True(await client.PurgeInstanceAsync("tree"));
        Assert.False(await client.PurgeInstanceAsync("tree"));
        Assert.Equal(["active"], (await client.ListInstanceIdsAsync()).InstanceIds);
        Assert.False((await client.GetWorkflowStateAsync("tree")).Exists);
        var rows = await _sidecar.Store.ReadAsync(view => view.First("select count(*) from workflow_history", row => row.GetInt32(0)), CancellationToken.None);
        Assert.Equal(1, rows);
    }

    [Fact]
    public async Task List_WhenPaged_ReturnsAllOnce()
    {
        var client = _sidecar.Client();
        for (var i = 0; i < 5; i++)
        {
            await client.ScheduleNewWorkflowAsync("waiter", "w" + i, "go");
        }

        var first = await client.ListInstanceIdsAsync(pageSize: 3);
        var second = await client.ListInstanceIdsAsync(first.ContinuationToken, 3);
        Assert.Equal(["w0", "w1", "w2", "w3", "w4"], [.. first.InstanceIds, .. second.InstanceIds]);
        Assert.Null(second.ContinuationToken);
    }

    [Fact]
    public async Task Unknown_WhenAsked_IsNotFound()
    {
        var client = _sidecar.Client();
        Assert.False((await client.GetWorkflowStateAsync("nobody")).Exists);
        foreach (var ask in new Func<Task>[]
        {
            () => client.RaiseEventAsync("nobody", "x"), () => client.TerminateWorkflowAsync("nobody"), () => client.SuspendWorkflowAsync("nobody"),
            () => client.WaitForWorkflowCompletionAsync("nobody"), () => client.GetInstanceHistoryAsync("nobody"),
        })
        {
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(ask)).StatusCode);
        }
    }

    private static async Task WaitUntilExistsAsync(DaprWorkflowClient client, string id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!(await client.GetWorkflowStateAsync(id, cancellation: limit.Token)).Exists)
        {
            await Task.Yield();
        }
    }
}
