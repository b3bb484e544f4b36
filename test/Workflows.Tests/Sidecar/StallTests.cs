using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>Instances that no attached worker can go on with wait for one that can; others are not held up.</summary>
public sealed class StallTests
{
    private static Action<WorkflowRuntimeOptions> Code(params string[] patches) => options =>
    {
        options.MaxKeptExecutions = 0;
        options.RegisterWorkflow<string?, string>("patched", async (context, _) =>
        {
            var taken = patches.Where(context.IsPatched).ToList();
            taken.Add(await context.WaitForExternalEventAsync<string>("go"));
            return string.Join(' ', taken);
        });
        options.RegisterWorkflow<string, string>("echo", (_, text) => Task.FromResult(text));
        options.RegisterWorkflow<string, Type>("unserialisable", (_, _) => Task.FromResult(typeof(string)));
        options.RegisterWorkflow<string, string>("careless", async (context, text) =>
        {
            await context.WaitForExternalEventAsync<string>("go");
            return text.Length > 0 ? throw new InvalidOperationException("poison") : text;
        });
    };

    [Fact]
    public async Task Instance_WhenTheWorkersCodeLacksItsPatch_WaitsForOneThatHasIt()
    {
        await using var sidecar = await TestSidecar.StartAsync();
        await sidecar.AddWorkerAsync(Code("a", "b"));
        await sidecar.Client().ScheduleNewWorkflowAsync("patched", "one");
        await sidecar.Client().WaitForWorkflowStartAsync("one", cancellation: TestSidecar.Limit());
        await sidecar.RestartAsync();
        await sidecar.AddWorkerAsync(Code("b"));
        await sidecar.Client().RaiseEventAsync("one", "go", "went");
        Assert.Equal("x", (await sidecar.RunAsync("echo", "x")).ReadOutputAs<string>());
        WorkflowState state;
        do
        {
            state = await sidecar.Client().GetWorkflowStateAsync("one");
        }
        while (state.RuntimeStatus != WorkflowRuntimeStatus.Stalled);
        Assert.Contains("[a, b]", state.FailureDetails!.ErrorMessage);
        await sidecar.RestartAsync();
        await sidecar.AddWorkerAsync(Code("a", "b"));
        state = await sidecar.Client().WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit());
        Assert.Equal("a b went", state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Instance_WhenItsHistoryIsTooLongForTheWorker_WaitsForOneThatFetches()
    {
        await using var server = await SidecarServer.StartAsync(new() { MaxTurnBytes = 4096 });
        using var channel = server.Channel("a");
        var client = server.Client("a");
        await client.ScheduleNewWorkflowAsync("echo", "one", new string('x', 8192));
        using var ended = new CancellationTokenSource();
        await using (var items = channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token).GetAsyncEnumerator())
        {
            var next = items.MoveNextAsync().AsTask();
            await client.ScheduleNewWorkflowAsync("echo", "two", "small");
            Assert.True(await next);
            Assert.Equal("two", items.Current.WorkflowRequest.InstanceId);
            await ended.CancelAsync();
        }

        Assert.Equal(WorkflowRuntimeStatus.Stalled, (await client.GetWorkflowStateAsync("one")).RuntimeStatus);
        await server.AddWorkerAsync("a", Code());
        Assert.Equal(8192, (await client.WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>()!.Length);
    }

    [Fact]
    public async Task Orchestration_WhenItPoisonsItsTurn_FailsAndHoldsUpNobody()
    {
        await using var sidecar = await TestSidecar.StartAsync();
        await sidecar.AddWorkerAsync(Code());
        var client = sidecar.Client();
        await Task.WhenAll(Enumerable.Range(0, 150).Select(i => client.ScheduleNewWorkflowAsync("careless", "c" + i, "x")));
        await Task.WhenAll(Enumerable.Range(0, 150).Select(i => client.RaiseEventAsync("c" + i, "go")));
        var state = await sidecar.RunAsync("unserialisable", "x");
        Assert.Equal((WorkflowRuntimeStatus.Failed, "System.NotSupportedException"), (state.RuntimeStatus, state.FailureDetails!.ErrorType));
        Assert.Equal("x", (await sidecar.RunAsync("echo", "x")).ReadOutputAs<string>());
        var ends = await Task.WhenAll(Enumerable.Range(0, 150).Select(i => client.WaitForWorkflowCompletionAsync("c" + i, cancellation: TestSidecar.Limit())));
        Assert.All(ends, end => Assert.Equal("poison", end.FailureDetails!.ErrorMessage));
    }

    [Fact]
    public async Task Version_WhenTheWorkerDoesNotKnowIt_StallsTheInstance()
    {
        await using var server = await SidecarServer.StartAsync();
        using var channel = server.Channel("a");
        await server.Client("a").ScheduleNewWorkflowAsync("echo", "one", "x");
        await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: TestSidecar.Limit()))
        {
            var answer = new WorkflowResponse { InstanceId = "one", CompletionToken = item.CompletionToken };
            answer.Actions.Add(new WorkflowAction { WorkflowVersionNotAvailable = new() });
            await channel.UnaryAsync(TaskHubMethods.CompleteWorkflowTask, answer);
            break;
        }

        Assert.Equal(WorkflowRuntimeStatus.Stalled, (await server.Client("a").GetWorkflowStateAsync("one")).RuntimeStatus);
        await server.AddWorkerAsync("a", Code());
        Assert.Equal("x", (await server.Client("a").WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }
}
