using Castellan.Rpc;
using Castellan.Testing;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Castellan.Workflows.Sidecar;
using Castellan.Workflows.Worker;

namespace Castellan.Workflows.Tests.Replicas;

/// <summary>Several sidecars on one database: whoever is asked, an instance is worked on by one of them at a time.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private ReplicaSet _set = null!;

    private ReplicaSet.One A => _set[0];

    private ReplicaSet.One B => _set[1];

    public async Task InitializeAsync() => _set = await ReplicaSet.StartAsync(2);

    public async Task DisposeAsync() => await _set.DisposeAsync();

    private static Action<WorkflowRuntimeOptions> Register(string name) => options =>
    {
        options.RegisterWorkflow<string, string>("who", (context, _) => context.CallActivityAsync<string>("who"));
        options.RegisterWorkflow<string, string>("wait", async (context, _) => await context.WaitForExternalEventAsync<string>("go") + " at " + await context.CallActivityAsync<string>("who"));
        options.RegisterWorkflow<string, string>("tell", (context, target) =>
        {
            context.SendEvent(target, "go", "told");
            return Task.FromResult("told");
        });
        options.RegisterWorkflow<string, string>("parent", (context, child) => context.CallChildWorkflowAsync<string>("wait", "x", new ChildWorkflowTaskOptions(child)));
        options.RegisterWorkflow<int, string>("sleep", async (context, milliseconds) =>
        {
            await context.CreateTimer(TimeSpan.FromMilliseconds(milliseconds));
            return await context.CallActivityAsync<string>("who");
        });
        options.RegisterActivity<string?, string>("who", (_, _) => Task.FromResult(name));
    };

    private static Task StartAsync(ReplicaSet.One at, string workflow, string id, object? input = null) => at.Client.ScheduleNewWorkflowAsync(workflow, id, input ?? "x");

    private Task<long> OwnedByAsync(ReplicaSet.One one) => _set.CountAsync($"select count(*) from workflow_instance where owner = {one.Sidecar.ReplicaKey}");

    [Fact]
    public async Task Start_WhereNoWorkerIs_RunsWhereOneIsAndBothSeeTheEnd()
    {
        await B.AddWorkerAsync(Register("B"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => StartAsync(A, "who", "w" + i)));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("B", (await A.WaitAsync("w" + i)).ReadOutputAs<string>());
        }

        Assert.Equal(0, await _set.CountAsync("select (select count(*) from workflow_inbox) + (select count(*) from workflow_activity) + (select count(*) from workflow_doorbell)"));
        Assert.Equal(0, await OwnedByAsync(A) + await OwnedByAsync(B));
    }

    [Fact]
    public async Task Start_WhenBothStartTheSameId_OneIsRefused()
    {
        await A.AddWorkerAsync(Register("A"));
        await B.AddWorkerAsync(Register("B"));
        for (var i = 0; i < 10; i++)
        {
            var id = "same" + i;
            var outcomes = await Task.WhenAll(new[] { A, B }.Select(async one =>
            {
                try
                {
                    await StartAsync(one, "wait", id);
                    return 1;
                }
                catch (RpcException error) when (error.StatusCode == StatusCode.AlreadyExists)
                {
                    return 0;
                }
            }));
            Assert.Equal(1, outcomes.Sum());
            await A.Client.RaiseEventAsync(id, "go", "yes");
            Assert.StartsWith("yes at", (await B.WaitAsync(id)).ReadOutputAs<string>());
        }
    }

    [Fact]
    public async Task Events_WhenRaisedAtTheOther_ReachTheOwner()
    {
        await A.AddWorkerAsync(Register("A"));
        await StartAsync(A, "wait", "one");
        await StartAsync(A, "wait", "two");
        await B.Client.RaiseEventAsync("one", "go", "hello");
        Assert.Equal("hello at A", (await B.WaitAsync("one")).ReadOutputAs<string>());
        await B.AddWorkerAsync(Register("B"));
        await StartAsync(B, "tell", "teller", "two");
        Assert.Equal("told at A", (await B.WaitAsync("two")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Control_WhenAskedAtTheOther_TakesEffectAtTheOwner()
    {
        await A.AddWorkerAsync(Register("A"));
        await StartAsync(A, "wait", "one");
        await B.Client.SuspendWorkflowAsync("one");
        await ReplicaSet.UntilAsync(async () => (await B.Client.GetWorkflowStateAsync("one")).RuntimeStatus == WorkflowRuntimeStatus.Suspended);
        await B.Client.RaiseEventAsync("one", "go", "later");
        await B.Client.ResumeWorkflowAsync("one");
        Assert.Equal("later at A", (await B.WaitAsync("one")).ReadOutputAs<string>());
        await StartAsync(A, "parent", "two", "kid");
        await ReplicaSet.UntilAsync(async () => (await B.Client.GetWorkflowStateAsync("kid")).Exists);
        await B.Client.TerminateWorkflowAsync("two");
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await B.WaitAsync("two")).RuntimeStatus);
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await B.WaitAsync("kid")).RuntimeStatus);
        Assert.True(await B.Client.PurgeInstanceAsync("two"));
        Assert.False((await A.Client.GetWorkflowStateAsync("two")).Exists);
    }

    [Fact]
    public async Task Work_WhenTheOwnersWorkerLeaves_GoesToTheOther()
    {
        await A.AddWorkerAsync(Register("A"));
        await StartAsync(A, "wait", "one");
        await ReplicaSet.UntilAsync(async () => (await A.Client.GetWorkflowStateAsync("one")).RuntimeStatus == WorkflowRuntimeStatus.Running);
        await A.RemoveWorkersAsync();
        await A.Client.RaiseEventAsync("one", "go", "moved");
        await B.AddWorkerAsync(Register("B"));
        Assert.Equal("moved at B", (await A.WaitAsync("one")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Timers_WhenTheirOwnerLeft_FireAllTheSame()
    {
        var clock = new ManualTimeProvider();
        await using var set = await ReplicaSet.StartAsync(2, clock);
        await set[0].AddWorkerAsync(Register("A"));
        await StartAsync(set[0], "sleep", "soon", 1_000);
        await StartAsync(set[0], "sleep", "later", 3_600_000);
        await ReplicaSet.UntilAsync(async () => await set.CountAsync("select count(*) from workflow_timer") == 2);
        await set[0].RemoveWorkersAsync();
        await set[0].Sidecar.DisposeAsync();
        clock.Advance(TimeSpan.FromSeconds(2));
        await set[1].AddWorkerAsync(Register("B"));
        Assert.Equal("B", (await set[1].WaitAsync("soon")).ReadOutputAs<string>());
        Assert.Equal(1, await set.CountAsync("select count(*) from workflow_timer"));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("B", (await set[1].WaitAsync("later")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Work_WhenItsReplicaIsTakenForDead_GoesOnElsewhereAndTheZombieChangesNothing()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await A.AddWorkerAsync(options =>
        {
            Register("A")(options);
            options.RegisterWorkflow<string, string>("slow", async (context, _) => await context.CallActivityAsync<string>("slow") + await context.CallActivityAsync<string>("who"));
            options.RegisterActivity<string?, string>("slow", async (_, _) =>
            {
                if (!entered.TrySetResult())
                {
                    return "living "; // it has come back and taken its work again
                }

                await go.Task;
                return "zombie ";
            });
        });
        await StartAsync(A, "slow", "one");
        await StartAsync(A, "wait", "idle");
        await entered.Task.WaitAsync(TestSidecar.Limit());
        var former = A.Sidecar.ReplicaKey;
        await B.AddWorkerAsync(options =>
        {
            Register("B")(options);
            options.RegisterWorkflow<string, string>("slow", async (context, _) => await context.CallActivityAsync<string>("slow") + await context.CallActivityAsync<string>("who"));
            options.RegisterActivity<string?, string>("slow", (_, _) => Task.FromResult("living "));
        });
        await _set.EndLeaseAsync(A);
        var outcome = (await B.WaitAsync("one")).ReadOutputAs<string>();
        Assert.StartsWith("living ", outcome);
        go.SetResult();
        await ReplicaSet.UntilAsync(() => Task.FromResult(A.Sidecar.ReplicaKey != former));
        await A.Client.RaiseEventAsync("idle", "go", "back");
        Assert.StartsWith("back at", (await A.WaitAsync("idle")).ReadOutputAs<string>());
        Assert.Equal(outcome, (await A.Client.GetWorkflowStateAsync("one")).ReadOutputAs<string>());
        await StartAsync(A, "who", "again");
        Assert.Equal("A", (await B.WaitAsync("again")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Answers_WhenTheyArriveAtTheOther_AreForwarded()
    {
        var turns = new TaskCompletionSource<Turn>(TaskCreationOptions.RunContinuationsAsynchronously);
        var activities = new TaskCompletionSource<ActivityCall>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var stream = new WorkerStream(new(10, 10, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)), TimeProvider.System) { IsLocal = false };
        var serving = A.Hub.ServeAsync(stream, turn =>
        {
            turns.TrySetResult(turn);
            return Task.CompletedTask;
        }, call =>
        {
            activities.TrySetResult(call);
            return Task.CompletedTask;
        }, stop.Token);
        await StartAsync(A, "any", "one");
        var turn = await turns.Task.WaitAsync(TestSidecar.Limit());
        var answer = new WorkflowResponse { InstanceId = "one", CompletionToken = turn.Token };
        answer.Actions.Add(new WorkflowAction { Id = 0, ScheduleTask = new() { Name = "do" } });
        await B.Hub.CompleteAsync(answer);
        var call = await activities.Task.WaitAsync(TestSidecar.Limit());
        var result = new ActivityResponse { InstanceId = "one", TaskId = 0, Result = "\"done\"", CompletionToken = call.Token };
        await B.Hub.CompleteAsync(new ActivityOutcome(result, null), CancellationToken.None);
        await B.Hub.CompleteAsync(new ActivityOutcome(result, null), CancellationToken.None);
        await ReplicaSet.UntilAsync(async () => await _set.CountAsync("select count(*) from workflow_activity") == 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        await B.AddWorkerAsync(options => options.RegisterWorkflow<string, string>("any", (context, _) => context.CallActivityAsync<string>("do")));
        Assert.Equal("done", (await B.WaitAsync("one")).ReadOutputAs<string>());
    }
}
