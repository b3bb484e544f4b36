using Castellan.Rpc;
using Castellan.Testing;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Tests.Fuzz;
using Castellan.Workflows.Tests.Sidecar;

namespace Castellan.Workflows.Tests.Faults;

/// <summary>Workers that are mute, that answer garbage, that hold poisoned code, and clocks that jump.</summary>
public sealed class WorkerFaultTests
{
    [Fact]
    public async Task Worker_WhenAnotherNeverAnswers_DoesItsWorkToo()
    {
        var clock = new ManualTimeProvider();
        await using var server = await SidecarServer.StartAsync(new() { Clock = clock, ActivityLease = TimeSpan.FromMinutes(1) });
        using var channel = server.Channel("a");
        var client = server.Client("a");
        var ids = Enumerable.Range(0, 50).Select(i => $"w{i}").ToList();
        await Task.WhenAll(ids.Select(id => client.ScheduleNewWorkflowAsync("two", id, id)));
        using var ended = new CancellationTokenSource();
        using var held = new SemaphoreSlim(0);
        var mute = Task.Run(async () =>
        {
            await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token))
            {
                held.Release(); // and not a word
            }
        });
        await held.WaitAsync(TestSidecar.Limit());
        await server.AddWorkerAsync("a", RegisterTwo);
        var all = Task.WhenAll(ids.Select(id => client.WaitForWorkflowCompletionAsync(id, cancellation: Patience())));
        while (!all.IsCompleted)
        {
            // Slowly, so that the one that works has the time to: a lease is a minute.
            clock.Advance(TimeSpan.FromSeconds(20));
            await Task.WhenAny(all, Task.Delay(300));
        }

        Assert.Equal(ids.Select(id => $"two one {id}"), (await all).Select(state => state.ReadOutputAs<string>()));
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mute);
    }

    [Fact]
    public async Task Clock_WhenItJumpsAnHour_FiresEveryTimerOnceAndRepeatsNoLocalActivity()
    {
        var clock = new ManualTimeProvider();
        await using var sidecar = await TestSidecar.StartAsync(new() { Clock = clock });
        var runs = 0;
        using var entered = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        await sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<int, int>("sleeper", async (context, minutes) =>
            {
                await context.CreateTimer(TimeSpan.FromMinutes(minutes));
                return minutes;
            });
            options.RegisterWorkflow<string?, string>("busy", (context, _) => context.CallActivityAsync<string>("slow"));
            options.RegisterActivity<string?, string>("slow", async (_, _) =>
            {
                Interlocked.Increment(ref runs);
                entered.Release();
                await go.WaitAsync(TestSidecar.Limit());
                return "done";
            });
        });
        var client = sidecar.Client();
        await client.ScheduleNewWorkflowAsync("busy", "busy");
        await entered.WaitAsync(TestSidecar.Limit());
        var ids = Enumerable.Range(1, 59).ToList();
        await Task.WhenAll(ids.Select(i => client.ScheduleNewWorkflowAsync("sleeper", $"s{i}", i)));
        await Task.WhenAll(ids.Select(i => client.WaitForWorkflowStartAsync($"s{i}", cancellation: TestSidecar.Limit())));
        await client.ScheduleNewWorkflowAsync("sleeper", "late", 90);
        await client.WaitForWorkflowStartAsync("late", cancellation: TestSidecar.Limit());
        clock.Advance(TimeSpan.FromHours(1));
        var ended = await Task.WhenAll(ids.Select(i => client.WaitForWorkflowCompletionAsync($"s{i}", cancellation: TestSidecar.Limit())));
        Assert.Equal(ids, ended.Select(state => state.ReadOutputAs<int>()));
        foreach (var i in ids)
        {
            Assert.Single(await client.GetInstanceHistoryAsync($"s{i}"), one => one.EventType == WorkflowHistoryEventType.TimerFired);
        }

        Assert.True((await client.GetWorkflowStateAsync("late")).IsWorkflowRunning);
        go.Release(2);
        Assert.Equal("done", (await client.WaitForWorkflowCompletionAsync("busy", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Poison_WhenItThrowsAtReplay_FailsAloneAndSaysWhere()
    {
        await using var sidecar = await TestSidecar.StartAsync();
        await sidecar.AddWorkerAsync(options =>
        {
            options.MaxKeptExecutions = 0; // every turn replays
            RegisterTwo(options);
            options.RegisterWorkflow<string, string>("poison", async (context, text) =>
            {
                if (context.IsReplaying)
                {
                    throw new InvalidOperationException("not twice");
                }

                return await context.CallActivityAsync<string>("step", text);
            });
            options.RegisterWorkflow<string, string>("changed", (context, text) =>
                context.CallActivityAsync<string>(context.IsReplaying ? "other" : "step", text)); // another step than history says
        });
        var client = sidecar.Client();
        var names = Enumerable.Range(0, 90).Select(i => (Id: $"w{i}", Workflow: new[] { "two", "poison", "changed" }[i % 3])).ToList();
        await Task.WhenAll(names.Select(one => client.ScheduleNewWorkflowAsync(one.Workflow, one.Id, one.Id)));
        foreach (var (id, workflow) in names)
        {
            var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
            if (workflow == "two")
            {
                Assert.Equal($"two one {id}", state.ReadOutputAs<string>());
            }
            else
            {
                Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
                Assert.Contains("step 0 was activity 'step' when it ran", state.FailureDetails!.ErrorMessage);
            }
        }
    }

    [Fact]
    public async Task Garbage_WhenAWorkerAnswersIt_StaysInItsInstancesAndCanBeRemoved()
    {
        await using var server = await SidecarServer.StartAsync();
        using (var channel = server.Channel("a"))
        {
            var random = new Random(20261121);
            for (var round = 0; round < 5; round++)
            {
                await Task.WhenAll(Enumerable.Range(0, 40).Select(i => server.Client("a").ScheduleNewWorkflowAsync("two", $"{round}-{i}", "x")));
                await AnswerGarbageAsync(channel, new(random), 40);
            }
        }

        await server.Test.Sidecar.DisposeAsync();
        await server.Test.RestartAsync(); // what was stored can be taken up again
        await server.Test.AddWorkerAsync(RegisterTwo, hub: "a");
        var hub = server.Test.Hub("a");
        var page = await hub.CreateClient().ListInstanceIdsAsync();
        Assert.NotEmpty(page.InstanceIds);
        foreach (var id in page.InstanceIds)
        {
            await hub.ReadTimelineAsync(id, CancellationToken.None);
            await hub.CreateClient().TerminateWorkflowAsync(id);
            await hub.CreateClient().PurgeInstanceAsync(id);
        }

        Assert.Empty((await hub.CreateClient().ListInstanceIdsAsync()).InstanceIds);
        Assert.Equal("two one fresh", (await server.Test.RunAsync("two", "fresh", hub: "a")).ReadOutputAs<string>());
    }

    private static async Task AnswerGarbageAsync(GrpcChannel channel, FuzzGrammar grammar, int answers)
    {
        await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: Patience()))
        {
            try
            {
                await AnswerGarbageAsync(channel, grammar, item);
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.InvalidArgument)
            {
                // Refused, and still open: it goes to the next stream.
            }

            if (--answers == 0)
            {
                return;
            }
        }
    }

    private static async Task AnswerGarbageAsync(GrpcChannel channel, FuzzGrammar grammar, WorkItem item)
    {
        if (item.WorkflowRequest is { } turn)
        {
            var response = (WorkflowResponse)grammar.Message(WorkflowResponse.Descriptor);
            (response.InstanceId, response.CompletionToken) = (turn.InstanceId, item.CompletionToken);
            await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, response);
        }
        else
        {
            var activity = item.ActivityRequest;
            var response = (ActivityResponse)grammar.Message(ActivityResponse.Descriptor);
            (response.InstanceId, response.TaskId, response.CompletionToken) = (activity.WorkflowInstance.InstanceId, activity.TaskId, item.CompletionToken);
            await channel.UnaryAsync(TaskHubMethods.CompleteActivityTask, response);
        }
    }

    private static CancellationToken Patience() => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    private static void RegisterTwo(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, string>("two", async (context, text) =>
            $"two {await context.CallActivityAsync<string>("step", $"one {text}")}");
        options.RegisterActivity<string, string>("step", (_, text) => Task.FromResult(text));
    }
}
