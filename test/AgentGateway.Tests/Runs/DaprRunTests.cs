using System.Text.Json;
using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Runs;
using Castellan.AgentGateway.Tests.World;
using Castellan.AgentRuntime.Runs;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Castellan.AgentGateway.Tests.Runs;

/// <summary>Runs whose orchestrations live in the sidecar of their agent's pod, which the gateway cannot reach.</summary>
public sealed class DaprRunTests(DaprRunWorld fixture) : IClassFixture<DaprRunWorld>
{
    private readonly GatewayWorld _world = fixture.World;

    [Fact]
    public async Task Run_WhenTheSidecarIsKilledTwice_LosesNoStepAndRepeatsNoWrite()
    {
        await using var pod = await fixture.PodAsync();
        fixture.HoldTools();
        var run = await fixture.StartAsync("fix it");
        await _world.Tools.Behavior.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
        await fixture.Sidecar.KillAsync(); // while a tool is being called
        _world.Tools.Behavior.Release();
        await fixture.Sidecar.RestartAsync();

        var approval = await ApprovalAsync(run);
        await fixture.Sidecar.KillAsync(); // while a person is waited for
        var deciding = _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval), default);
        await fixture.Sidecar.RestartAsync();
        await deciding;

        var events = await fixture.EventsAsync(run);
        Assert.Equal((RunState.Succeeded, "fixed"), await fixture.EndAsync(run));
        Assert.Equal((RunEventType.RunStarted, RunEventType.RunCompleted), (events[0].Type, events[^1].Type));
        Assert.Single(events, e => e.Type == RunEventType.CallApproved);
        Assert.Equal(["ops/read", "ops/restart"], events.Where(e => e.Type == RunEventType.CallCompleted).Select(e => $"{e.Server}/{e.Tool}"));
        Assert.Equal(3, events.Count(e => e.Type == RunEventType.ModelCompleted));
        Assert.Single(_world.Tools.Hits, h => h.Tool == "restart");
        await NothingPendingAsync();
    }

    [Fact]
    public async Task Pod_WhenItsTokenIsWrong_SaysSoAndLeavesTheRunToOneThatIsRight()
    {
        string run;
        await using (var wrong = await fixture.PodAsync(fixture.Daprd with { ApiToken = "guessed" }))
        {
            run = await fixture.StartAsync("why?");
            await SaysAsync(wrong, "refuses this process's token");
            Assert.Contains("set DAPR_API_TOKEN to the token that the sidecar was started with", await wrong.ReadinessAsync(), StringComparison.Ordinal);
            Assert.Equal(RunState.Running, (await _world.You().GetRunAsync(run, default)).State);
        }

        await using var right = await fixture.PodAsync();
        Assert.Equal((RunState.Succeeded, "seen"), await fixture.EndAsync(run));
        await SaysAsync(right, "ok");
    }

    [Fact]
    public async Task Gateway_WhenItsTokenIsWrong_SaysSoUntilItIsRight()
    {
        var right = _world.Dapr;
        await SwitchAsync(right! with { ApiToken = "guessed" });
        await Eventually.TrueAsync(() => _world.Gateway.SidecarProblem?.Contains("set DAPR_API_TOKEN to the token that the sidecar was started with", StringComparison.Ordinal) is true);
        await SwitchAsync(right);
        await Eventually.TrueAsync(() => _world.Gateway.SidecarProblem is null);
    }

    [Fact]
    public async Task Run_WhenThePodIsLostBeforeItReports_IsReportedByTheNextAndNotRunAgain()
    {
        var executions = 0;
        var run = await fixture.StartAsync("why?");
        using (var first = CountingPod(() => Interlocked.Increment(ref executions), new Mute()))
        {
            await first.StartAsync();
            var hub = first.Services.GetRequiredService<DaprWorkflowClient>();
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (!(await hub.GetWorkflowStateAsync(run, cancellation: deadline.Token)).IsWorkflowCompleted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            }

            await first.StopAsync();
        }

        Assert.Equal(RunState.Running, (await _world.You().GetRunAsync(run, default)).State);
        using var second = CountingPod(() => Interlocked.Increment(ref executions), null);
        await second.StartAsync();
        Assert.Equal((RunState.Succeeded, "counted"), await fixture.EndAsync(run));
        Assert.Equal(1, executions);
        await second.StopAsync();
    }

    [Fact]
    public async Task Terminate_WhenAnOperatorAsks_EndsTheRunInItsPodAndIsOnRecord()
    {
        await using var pod = await fixture.PodAsync();
        fixture.HoldTools();
        var run = await fixture.StartAsync("why?");
        await _world.Tools.Behavior.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.You().ActOnWorkflowAsync(run, null, WorkflowVerb.Suspend, new(), default));
        Assert.Contains("lives in the sidecar of its agent's pod", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<GatewayException>(() => _world.As("stranger").ActOnWorkflowAsync(run, null, WorkflowVerb.Terminate, new(), default));
        Assert.Equal(403, e.Status);

        await _world.You().ActOnWorkflowAsync(run, null, WorkflowVerb.Terminate, new() { Reason = "enough" }, default);
        Assert.Equal((RunState.Terminated, null), await fixture.EndAsync(run));
        _world.Tools.Behavior.Release();
        Assert.Contains(await _world.You().ListAuditAsync(new AuditFilter { RunId = run, Limit = 100 }, default), r => r.Stage == "intent" && r.Kind == "workflow");
        await NothingPendingAsync();
    }

    [Fact]
    public async Task Commands_WhenAnotherAgentAsks_AreNotItsOwn()
    {
        var (mine, others) = (await fixture.StartAsync("why?"), await fixture.StartAsync("why?", "other"));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var command in _world.Agent("other").RunCommandsAsync(TimeProvider.System, () => { }, deadline.Token))
        {
            Assert.Equal((RunCommandKind.Start, others), (command.Kind, command.RunId)); // it was started last, and is the first that this agent hears of
            break;
        }

        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.Agent("other").EndRunAsync(mine, new("Completed", Output("stolen"), null), deadline.Token));
        Assert.Equal(404, e.Status);
        var hubs = _world.Gateway.Services.GetRequiredService<IRunHubs>();
        var hub = SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "agent-triage").ToString();
        await hubs.TerminateAsync(hub, mine, deadline.Token);
        await _world.Agent("other").CompleteCommandAsync($"terminate:{mine}", deadline.Token);
        Assert.Equal([mine], await PendingAsync());

        await using var pod = await fixture.PodAsync();
        await fixture.EndAsync(mine); // it ends, one way or the other: a run may be over before it is told to
        await NothingPendingAsync();
        await _world.Agent("other").EndRunAsync(others, new("Failed", null, "given up"), deadline.Token);
        await _world.Agent("other").EndRunAsync(others, new("Completed", Output("late"), null), deadline.Token);
        Assert.Equal((RunState.Failed, null), await fixture.EndAsync(others));
    }

    [Fact]
    public async Task Run_WhenItIsOpenAsTheBackendChanges_GoesOnInTheOtherSidecarWithTheCallsItMade()
    {
        var dapr = _world.Dapr;
        var there = await fixture.StartAsync("why?");
        await SwitchAsync(null);
        await Eventually.TrueAsync(() => _world.Gateway.SidecarProblem is null);
        string here;
        await using (var attached = EmbeddedPod())
        {
            await attached.StartAsync();
            Assert.Equal((RunState.Succeeded, "seen"), await fixture.EndAsync(there));
            fixture.HoldTools();
            here = await fixture.StartAsync("why?");
            await _world.Tools.Behavior.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
            await attached.StopAsync(); // while a call is under way
        }

        _world.Tools.Behavior.Release();
        await SwitchAsync(dapr);
        await using var pod = await fixture.PodAsync();
        Assert.Equal((RunState.Succeeded, "seen"), await fixture.EndAsync(here));
        Assert.Equal(2, (await fixture.EventsAsync(here)).Count(e => e.Type == RunEventType.ModelCompleted)); // the first was answered from the record
    }

    private async Task SwitchAsync(TaskHubEndpoint? dapr)
    {
        await _world.StopGatewayAsync();
        _world.Dapr = dapr;
        await _world.StartGatewayAsync();
    }

    private async Task<Approval> ApprovalAsync(string run)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!deadline.IsCancellationRequested)
        {
            if ((await _world.Approver().ListApprovalsAsync(ApprovalState.Pending, deadline.Token)).FirstOrDefault(a => a.RunId == run) is { } approval)
            {
                return approval;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        var happened = await _world.Gateway.Services.GetRequiredService<Store>().ReadAsync(view => RunEventTable.After(view, run, 0), default);
        throw new Xunit.Sdk.XunitException($"no approval was asked for: {string.Join('\n', happened)}");
    }

    private static async Task SaysAsync(DaprRunWorld.Pod pod, string text)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!(await pod.ReadinessAsync()).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }

    /// <summary>Runs that a command row speaks of.</summary>
    private Task<List<string>> PendingAsync() => _world.Gateway.Services.GetRequiredService<Store>()
        .ReadAsync(view => view.Query("select run_id from gateway_run_command", row => row.GetString(0)), default);

    private async Task NothingPendingAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await PendingAsync()).Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }

    /// <summary>A pod whose orchestration counts how often it is executed; what it says to the gateway goes through <paramref name="filter"/>.</summary>
    private IHost CountingPod(Action executed, DelegatingHandler? filter)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDaprWorkflow(options =>
        {
            options.JsonOptions = GatewayJson.Options;
            options.RegisterWorkflow<RunInput, RunOutput>(RunInput.Orchestration, (context, _) =>
            {
                if (!context.IsReplaying)
                {
                    executed();
                }

                return Task.FromResult(new RunOutput("counted", null, 1));
            });
        }).UseSidecar(_ => fixture.Daprd);
        HttpMessageHandler handler = SpiffeTls.CreateHandler(_world.AgentIdentity(), SpiffeAuthorizer.Exactly(GatewayWorld.GatewayId));
        if (filter is not null)
        {
            filter.InnerHandler = handler;
            handler = filter;
        }

        builder.Services.AddSingleton(_ => new GatewayClient(new HttpClient(handler) { BaseAddress = _world.Workload, Timeout = Timeout.InfiniteTimeSpan }));
        builder.Services.AddSingleton<Insistence>().AddSingleton<SidecarRuns>().AddHostedService<RunRelay>();
        return builder.Build();
    }

    /// <summary>An agent's pod on the embedded backend.</summary>
    private Microsoft.AspNetCore.Builder.WebApplication EmbeddedPod() =>
        AgentRuntime.Hosting.AgentHost.Build(new("triage", System.Net.IPAddress.Loopback, _world.Workload, GatewayWorld.GatewayId) { Backend = WorkflowBackend.Embedded }, _world.AgentIdentity(), (0, 0));

    private static JsonElement Output(string answer) => JsonSerializer.SerializeToElement(new RunOutput(answer, null, 1), GatewayJson.Options);

    /// <summary>Lets no report through.</summary>
    private sealed class Mute : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath.EndsWith("/end", StringComparison.Ordinal)
                ? throw new HttpRequestException("the pod is cut off")
                : base.SendAsync(request, cancellationToken);
    }
}
