using Castellan.Workflows.Client;
namespace Castellan.Workflows.Tests.Model;

/// <summary>What replay promises: the same values, one log line, and a clear error when the code changed.</summary>
public sealed class DeterminismTests : IAsyncLifetime
{
    private TestSidecar _sidecar = null!;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync();

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    private static void Activities(WorkflowRuntimeOptions options)
    {
        options.MaxKeptExecutions = 0; // replay at every turn
        options.RegisterActivity<string, string>("a", (_, text) => Task.FromResult("a" + text));
        options.RegisterActivity<string, string>("b", (_, text) => Task.FromResult("b" + text));
    }

    private async Task<WorkflowState> ChangeCodeAsync(Func<WorkflowContext, string?, Task<string>> before, Func<WorkflowContext, string?, Task<string>> after)
    {
        await _sidecar.AddWorkerAsync(options =>
        {
            Activities(options);
            options.RegisterWorkflow("changing", before);
        });
        await _sidecar.Client().ScheduleNewWorkflowAsync("changing", "one");
        await _sidecar.Client().WaitForWorkflowStartAsync("one", cancellation: TestSidecar.Limit());
        await WaitForStatusAsync("ready");
        await _sidecar.RestartAsync();
        await _sidecar.AddWorkerAsync(options =>
        {
            Activities(options);
            options.RegisterWorkflow("changing", after);
        });
        await _sidecar.Client().RaiseEventAsync("one", "go");
        return await _sidecar.Client().WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit());
    }

    private async Task WaitForStatusAsync(string status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await _sidecar.Client().GetWorkflowStateAsync("one", cancellation: limit.Token)).ReadCustomStatusAs<string>() != status)
        {
            await Task.Yield();
        }
    }

    private static Func<WorkflowContext, string?, Task<string>> Code(params string[] steps) => async (context, _) =>
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case "timer":
                    await context.CreateTimer(TimeSpan.FromTicks(1));
                    break;
                case "go":
                    context.SetCustomStatus("ready");
                    await context.WaitForExternalEventAsync<string>("go");
                    break;
                case "patched b":
                    if (context.IsPatched("use-b"))
                    {
                        await context.CallActivityAsync<string>("b", "");
                    }

                    break;
                default:
                    await context.CallActivityAsync<string>(step, "");
                    break;
            }
        }

        return string.Join(' ', steps);
    };

    [Theory]
    [InlineData("a|go", "b|go", "step 0 was activity 'a' when it ran, but the code now asks for activity 'b'")]
    [InlineData("a|go", "timer|go", "step 0 was activity 'a' when it ran, but the code now asks for a timer")]
    [InlineData("a|go", "go", "step 0 was activity 'a' when it ran, but the code now asks for nothing there")]
    [InlineData("a|go", "a|b|go", "asks for activity 'b' as step 1, which did not happen")]
    [InlineData("a|timer|go", "a|a|go", "step 1 was a timer when it ran, but the code now asks for activity 'a'")]
    public async Task Replay_WhenTheCodeChanged_NamesTheStep(string before, string after, string expected)
    {
        var state = await ChangeCodeAsync(Code(before.Split('|')), Code(after.Split('|')));
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Equal(typeof(NonDeterministicOrchestrationException).FullName, state.FailureDetails!.ErrorType);
        Assert.Contains(expected, state.FailureDetails.ErrorMessage);
        Assert.Contains("IsPatched", state.FailureDetails.ErrorMessage);
    }

    [Theory]
    [InlineData("a|go|b")]
    [InlineData("a|patched b|go|a")]
    public async Task Replay_WhenTheChangeIsLaterOrPatched_GoesOn(string after)
    {
        var state = await ChangeCodeAsync(Code("a", "go", "a"), Code(after.Split('|')));
        Assert.Equal((WorkflowRuntimeStatus.Completed, after.Replace('|', ' ')), (state.RuntimeStatus, state.ReadOutputAs<string>()));
    }

    [Fact]
    public async Task Patch_WhenTheExecutionStartsWithIt_IsTakenAndRemembered()
    {
        var state = await ChangeCodeAsync(Code("patched b", "go", "a"), Code("patched b", "go", "a"));
        Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
        var history = await _sidecar.Client().GetInstanceHistoryAsync("one");
        Assert.Equal(2, history.Count(one => one.EventType == WorkflowHistoryEventType.TaskScheduled));
    }

    [Fact]
    public async Task Values_WhenReplayed_AreTheSameAndLoggedOnce()
    {
        var guids = new List<Guid>();
        var times = new List<DateTime>();
        await _sidecar.AddWorkerAsync(options =>
        {
            Activities(options);
            options.RegisterWorkflow<string?, string>("values", async (context, _) =>
            {
                var log = context.CreateReplaySafeLogger("orchestration");
                guids.Add(context.NewGuid());
                times.Add(context.CurrentUtcDateTime);
                Microsoft.Extensions.Logging.LoggerExtensions.LogInformation(log, "before");
                await context.CallActivityAsync<string>("a", "");
                await context.CallActivityAsync<string>("b", "");
                Assert.False(context.IsReplaying);
                return "";
            });
        });
        Assert.Equal(WorkflowRuntimeStatus.Completed, (await _sidecar.RunAsync("values")).RuntimeStatus);
        Assert.Equal(3, guids.Count);
        Assert.Single(guids.Distinct());
        Assert.Single(times.Distinct());
        Assert.Single(_sidecar.Loggers.Lines, line => line.Category == "orchestration");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("never")]
    public async Task Orchestration_WhenItWaitsForSomethingElse_FailsAndSaysWhat(string kind)
    {
        var never = new TaskCompletionSource();
        await _sidecar.AddWorkerAsync(options =>
        {
            options.NonDeterminism = Castellan.Workflows.Determinism.NonDeterminismCheck.Off;
            options.RegisterWorkflow<string?, string>("impure", async (context, _) =>
            {
                await (kind == "run" ? Task.Run(() => never.Task) : never.Task);
                return "";
            });
        });
        var state = await _sidecar.RunAsync("impure");
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Contains("'impure' waits for something that is not durable", state.FailureDetails!.ErrorMessage);
    }

    [Fact]
    public async Task Orchestration_WhenNotRegistered_FailsWithItsName()
    {
        await _sidecar.AddWorkerAsync(Activities);
        var state = await _sidecar.RunAsync("missing");
        Assert.Contains("no orchestration named 'missing'", state.FailureDetails!.ErrorMessage);
    }
}
