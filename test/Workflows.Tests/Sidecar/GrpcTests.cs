using Castellan.Rpc;
using Castellan.Testing;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>The protocol on the wire: our worker and client against it, and a bare worker where misbehaviour is wanted.</summary>
public sealed class GrpcTests
{
    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, string>("two", async (context, name) =>
        {
            var greeting = await context.CallActivityAsync<string>("greet", name);
            return await context.CallActivityAsync<string>("shout", greeting);
        });
        options.RegisterActivity<string, string>("greet", (context, name) => Task.FromResult(context is IDurableActivityContext ? "wrong" : $"Hello {name}!"));
        options.RegisterActivity<string, string>("shout", (_, text) => Task.FromResult(text.ToUpperInvariant()));
        options.RegisterWorkflow<string?, string>("waiter", (context, _) => context.WaitForExternalEventAsync<string>("go"));
    }

    [Fact]
    public async Task Workflows_WhenManyRunOverGrpc_AllComplete()
    {
        await using var server = await SidecarServer.StartAsync();
        await server.AddWorkerAsync("a", Register);
        var client = server.Client("a");
        var outputs = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var id = await client.ScheduleNewWorkflowAsync("two", null, "w" + i);
            return (await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit())).ReadOutputAs<string>();
        }));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"HELLO W{i}!"), outputs);
    }

    [Fact]
    public async Task Hubs_WhenTokensDiffer_ShareNothing()
    {
        await using var server = await SidecarServer.StartAsync();
        await server.AddWorkerAsync("a", Register);
        await server.AddWorkerAsync("b", Register);
        var (a, b) = (server.Client("a"), server.Client("b"));
        await a.ScheduleNewWorkflowAsync("waiter", "one");
        Assert.False((await b.GetWorkflowStateAsync("one")).Exists);
        Assert.Empty((await b.ListInstanceIdsAsync()).InstanceIds);
        Assert.False(await b.PurgeInstanceAsync("one"));
        foreach (var reach in new Func<Task>[]
        {
            () => b.RaiseEventAsync("one", "go", "stolen"), () => b.TerminateWorkflowAsync("one"), () => b.SuspendWorkflowAsync("one"), () => b.GetInstanceHistoryAsync("one"),
        })
        {
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(reach)).StatusCode);
        }

        using var foreign = server.Channel("b");
        var forged = new WorkflowResponse { InstanceId = "one" };
        forged.Actions.Add(new WorkflowAction { CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed, Result = "\"forged\"" } });
        await foreign.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, forged);
        await foreign.UnaryAsync(TaskHubMethods.CompleteActivityTask, new() { InstanceId = "one", TaskId = 0, Result = "\"forged\"" });
        await b.ScheduleNewWorkflowAsync("waiter", "one");
        await a.RaiseEventAsync("one", "go", "went");
        Assert.Equal("went", (await a.WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
        Assert.False((await b.GetWorkflowStateAsync("one")).IsWorkflowCompleted);
    }

    [Fact]
    public async Task Caller_WhenItHasNoHubOrWantsALocalOne_IsRefused()
    {
        await using var server = await SidecarServer.StartAsync(new() { LocalHubs = ["gateway"] });
        using var anonymous = server.Channel(null);
        var refused = await Assert.ThrowsAsync<RpcException>(() => anonymous.UnaryAsync(TaskHubMethods.Hello, new()));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        using var local = server.Channel("gateway");
        refused = await Assert.ThrowsAsync<RpcException>(() => local.UnaryAsync(TaskHubMethods.GetInstance, new() { InstanceId = "x" }));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task Stream_WhenItIsLost_ItsItemsGoToTheNextAndItsAnswersAreStale()
    {
        await using var server = await SidecarServer.StartAsync();
        using var channel = server.Channel("a");
        await server.Client("a").ScheduleNewWorkflowAsync("two", "one", "x");
        var first = await NextItemAsync(channel); // leaving the enumeration resets the stream
        var second = await NextItemAsync(channel);
        Assert.Equal(first.WorkflowRequest.InstanceId, second.WorkflowRequest.InstanceId);
        Assert.NotEqual(first.CompletionToken, second.CompletionToken);
        await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, Finish(first, "\"stale\""));
        Assert.False((await server.Client("a").GetWorkflowStateAsync("one")).IsWorkflowCompleted);
        var third = await NextItemAsync(channel, item => channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, Finish(item, "\"current\"")));
        Assert.Equal("one", third.WorkflowRequest.InstanceId);
        Assert.Equal("current", (await server.Client("a").GetWorkflowStateAsync("one")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Stream_WhenManyItemsWait_GetsAtMostAHundred()
    {
        await using var server = await SidecarServer.StartAsync();
        using var channel = server.Channel("a");
        var client = server.Client("a");
        await Task.WhenAll(Enumerable.Range(0, 150).Select(i => client.ScheduleNewWorkflowAsync("fan", "w" + i)));
        using var ended = new CancellationTokenSource();
        var (turns, activities) = (0, 0);
        using var activitySeen = new SemaphoreSlim(0);
        var reading = Task.Run(async () =>
        {
            await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token))
            {
                if (item.ActivityRequest is not null)
                {
                    Interlocked.Increment(ref activities);
                    activitySeen.Release();
                }
                else
                {
                    Interlocked.Increment(ref turns);
                    await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, FanOut(item));
                }
            }
        });
        await WaitAsync(() => Volatile.Read(ref turns) == 150 && Volatile.Read(ref activities) >= 55);
        await client.GetWorkflowStateAsync("w0"); // the connection is in order: what was sent before is read by now
        Assert.Equal(55, activities);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Lease_WhenAWorkerNeverAnswers_ItsItemIsDeliveredAgain()
    {
        var clock = new ManualTimeProvider();
        await using var server = await SidecarServer.StartAsync(new() { Clock = clock, TurnLease = TimeSpan.FromMinutes(1) });
        using var channel = server.Channel("a");
        await server.Client("a").ScheduleNewWorkflowAsync("two", "one", "x");
        using var ended = new CancellationTokenSource();
        await using var items = channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        var first = items.Current.CompletionToken;
        var next = items.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            await Task.Yield();
        }

        Assert.True(await next);
        Assert.Equal("one", items.Current.WorkflowRequest.InstanceId);
        Assert.NotEqual(first, items.Current.CompletionToken);
        await ended.CancelAsync();
    }

    [Fact]
    public async Task Answer_WhenItBreaksTheProtocol_IsRefusedAndTheTurnStaysOpen()
    {
        await using var server = await SidecarServer.StartAsync();
        using var channel = server.Channel("a");
        await server.Client("a").ScheduleNewWorkflowAsync("two", "one", "x");
        await NextItemAsync(channel, async item =>
        {
            foreach (var bad in new WorkflowAction[]
            {
                new() { CreateTimer = new() }, new() { SendEvent = new() { Name = "x" } }, new() { ScheduleTask = new() }, new() { Id = 3 },
                new() { CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Pending } },
            })
            {
                var response = new WorkflowResponse { InstanceId = "one", CompletionToken = item.CompletionToken };
                response.Actions.Add(bad);
                var refused = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, response));
                Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            }

            await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, Finish(item, "\"good\""));
        });
        Assert.Equal("good", (await server.Client("a").GetWorkflowStateAsync("one")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Method_WhenUnknown_IsUnimplemented()
    {
        await using var server = await SidecarServer.StartAsync();
        using var channel = server.Channel("a");
        var method = new GrpcMethod<Empty, Empty>(TaskHubMethods.Service, "RerunEverything", Empty.Parser, Empty.Parser);
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(method, new()))).StatusCode);
    }

    private static WorkflowResponse Finish(WorkItem item, string result)
    {
        var response = new WorkflowResponse { InstanceId = item.WorkflowRequest.InstanceId, CompletionToken = item.CompletionToken };
        response.Actions.Add(new WorkflowAction { CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed, Result = result } });
        return response;
    }

    private static WorkflowResponse FanOut(WorkItem item)
    {
        var response = new WorkflowResponse { InstanceId = item.WorkflowRequest.InstanceId, CompletionToken = item.CompletionToken };
        response.Actions.Add(new WorkflowAction { Id = 1, ScheduleTask = new() { Name = "slow" } });
        return response;
    }

    private static async Task<WorkItem> NextItemAsync(GrpcChannel channel, Func<WorkItem, Task>? answer = null)
    {
        await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: TestSidecar.Limit()))
        {
            if (answer is not null)
            {
                await answer(item);
            }

            return item;
        }

        throw new InvalidOperationException("the stream ended");
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
