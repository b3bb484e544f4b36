using Castellan.Workflows.Client;
using Castellan.Testing;

namespace Castellan.Workflows.Tests.Model;

/// <summary>Timers, events and retries: everything that waits, on a clock that the test moves.</summary>
public class WaitingTests : IAsyncLifetime
{
    protected virtual Backend Backend => Backend.Sqlite;

    private readonly ManualTimeProvider _clock = new();
    private TestSidecar _sidecar = null!;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync(new() { Clock = _clock }, on: Backend);

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    [Fact]
    public async Task Timer_WhenDue_GoesOnAtItsTime()
    {
        await _sidecar.AddWorkerAsync(options => options.RegisterWorkflow<string?, DateTime>("sleep", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromHours(1));
            return context.CurrentUtcDateTime;
        }));
        var client = _sidecar.Client();
        var id = await client.ScheduleNewWorkflowAsync("sleep");
        await client.WaitForWorkflowStartAsync(id, cancellation: TestSidecar.Limit());
        var due = _clock.GetUtcNow().AddHours(1);
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(WorkflowRuntimeStatus.Running, (await client.GetWorkflowStateAsync(id)).RuntimeStatus);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal(due.UtcDateTime, state.ReadOutputAs<DateTime>());
    }

    [Fact]
    public async Task Timer_WhenTheSidecarIsRestarted_StillFires()
    {
        void Register(WorkflowRuntimeOptions options) => options.RegisterWorkflow<string?, string>("sleep", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromHours(1));
            return "awake";
        });
        await _sidecar.AddWorkerAsync(Register);
        var id = await _sidecar.Client().ScheduleNewWorkflowAsync("sleep");
        await _sidecar.Client().WaitForWorkflowStartAsync(id, cancellation: TestSidecar.Limit());
        await _sidecar.RestartAsync();
        _clock.Advance(TimeSpan.FromHours(2));
        await _sidecar.AddWorkerAsync(Register);
        var state = await _sidecar.Client().WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal("awake", state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Timer_WhenCancelledByTheOrchestration_ThrowsAndTheOrchestrationGoesOn()
    {
        await _sidecar.AddWorkerAsync(options => options.RegisterWorkflow<string?, string>("race", async (context, _) =>
        {
            using var source = new CancellationTokenSource();
            var timer = context.CreateTimer(TimeSpan.FromHours(1), source.Token);
            var raised = context.WaitForExternalEventAsync<string>("go");
            var winner = await Task.WhenAny(timer, raised);
            source.Cancel();
            try
            {
                await timer;
            }
            catch (TaskCanceledException)
            {
                return winner == raised ? await raised : "wrong";
            }

            return "not cancelled";
        }));
        var id = await _sidecar.Client().ScheduleNewWorkflowAsync("race");
        await _sidecar.Client().RaiseEventAsync(id, "GO", "went");
        var state = await _sidecar.Client().WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal("went", state.ReadOutputAs<string>());
    }

    [Theory]
    [InlineData(true, "yes")]
    [InlineData(false, "timed out")]
    public async Task Event_WhenWaitedForWithTimeout_ComesOrTimesOut(bool raise, string expected)
    {
        await _sidecar.AddWorkerAsync(options => options.RegisterWorkflow<string?, string>("approval", async (context, _) =>
        {
            try
            {
                return await context.WaitForExternalEventAsync<string>("approved", TimeSpan.FromHours(1));
            }
            catch (TaskCanceledException)
            {
                return "timed out";
            }
        }));
        var client = _sidecar.Client();
        var id = await client.ScheduleNewWorkflowAsync("approval");
        await client.WaitForWorkflowStartAsync(id, cancellation: TestSidecar.Limit());
        if (raise)
        {
            await client.RaiseEventAsync(id, "approved", "yes");
        }

        _clock.Advance(TimeSpan.FromHours(2));
        var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal(expected, state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Events_WhenRaisedBeforeTheyAreWaitedFor_AreKeptInOrder()
    {
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<string?, string>("collect", async (context, _) =>
            {
                await context.WaitForExternalEventAsync<string>("start");
                var first = await context.WaitForExternalEventAsync<int>("Item");
                var second = await context.WaitForExternalEventAsync<int>("item", TimeSpan.FromHours(1));
                return $"{first},{second}";
            });
        });
        var client = _sidecar.Client();
        var id = await client.ScheduleNewWorkflowAsync("collect");
        await client.RaiseEventAsync(id, "item", 1);
        await client.RaiseEventAsync(id, "ITEM", 2);
        await client.RaiseEventAsync(id, "start");
        var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal("1,2", state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Activity_WhenItFailsTwice_IsRetriedWithBackoffUnderOneKey()
    {
        var keys = new List<string>();
        var times = new List<DateTimeOffset>();
        using var attempted = new SemaphoreSlim(0);
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<string?, string>("retrying", (context, _) => context.CallActivityAsync<string>("flaky", null,
                new(new WorkflowRetryPolicy(5, TimeSpan.FromMinutes(1), backoffCoefficient: 3))));
            options.RegisterActivity<string?, string>("flaky", (context, _) =>
            {
                keys.Add(context.TaskExecutionKey);
                times.Add(_clock.GetUtcNow());
                attempted.Release();
                return keys.Count < 3 ? throw new IOException("again") : Task.FromResult("at last");
            });
        });
        var client = _sidecar.Client();
        var start = _clock.GetUtcNow();
        var id = await client.ScheduleNewWorkflowAsync("retrying");
        foreach (var (retry, minutes) in new[] { (1, 1), (2, 3) })
        {
            await attempted.WaitAsync(TestSidecar.Limit());
            await WaitForTimerAsync(client, id, retry);
            _clock.Advance(TimeSpan.FromMinutes(minutes));
        }

        var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal("at last", state.ReadOutputAs<string>());
        Assert.Single(keys.Distinct());
        Assert.Equal([0, 1, 4], times.Select(time => (time - start).TotalMinutes));
    }

    [Theory]
    [InlineData(typeof(IOException), 3)]
    [InlineData(typeof(NonRetriableActivityException), 1)]
    public async Task Activity_WhenItAlwaysFails_EndsAfterItsAttempts(Type error, int attempts)
    {
        var made = 0;
        await _sidecar.AddWorkerAsync(options =>
        {
            options.RegisterWorkflow<string?, string>("retrying", (context, _) => context.CallActivityAsync<string>("broken", null,
                new(new WorkflowRetryPolicy(3, TimeSpan.FromTicks(1)))));
            options.RegisterActivity<string?, string>("broken", (_, _) =>
            {
                made++;
                throw (Exception)Activator.CreateInstance(error, "always", null)!;
            });
        });
        var client = _sidecar.Client();
        var id = await client.ScheduleNewWorkflowAsync("retrying");
        for (var i = 1; i < attempts; i++)
        {
            await WaitForTimerAsync(client, id, i);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Equal(attempts, made);
    }

    [Fact]
    public async Task Start_WhenScheduled_WaitsForItsTimeAlsoAcrossARestart()
    {
        void Register(WorkflowRuntimeOptions options) => options.RegisterWorkflow<string?, DateTime>("later", (context, _) => Task.FromResult(context.CurrentUtcDateTime));
        await _sidecar.AddWorkerAsync(Register);
        var at = _clock.GetUtcNow().AddDays(3);
        var id = await _sidecar.Client().ScheduleNewWorkflowAsync("later", "one", null, at);
        Assert.Equal(WorkflowRuntimeStatus.Pending, (await _sidecar.Client().GetWorkflowStateAsync(id)).RuntimeStatus);
        await _sidecar.RestartAsync();
        await _sidecar.AddWorkerAsync(Register);
        _clock.Advance(TimeSpan.FromDays(3));
        var state = await _sidecar.Client().WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal(at.UtcDateTime, state.ReadOutputAs<DateTime>());
    }

    // The retry timer stands in history when the turn that saw the failure is durable; timers are armed before that is published.
    private static async Task WaitForTimerAsync(DaprWorkflowClient client, string id, int count = 1)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await client.GetInstanceHistoryAsync(id, limit.Token)).Count(one => one.EventType == WorkflowHistoryEventType.TimerCreated) < count)
        {
            await Task.Yield();
        }
    }
}
