using Castellan.AgentGateway.Runs;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
using Castellan.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Castellan.AgentGateway.Tests.Runs;

public sealed class RunTests : IAsyncLifetime
{
    private GatewayWorld _world = null!;

    public async Task InitializeAsync() => _world = await GatewayWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Run_WhenTheAgentsWorkerAnswers_StreamsItsEventsAndKeepsTheSession()
    {
        using var pod = await PodAsync();
        var you = _world.You();
        var first = await you.StartRunAsync("default", "triage", new StartRunRequest("one"), default);
        var events = new List<RunEvent>();
        await foreach (var item in you.RunEventsAsync(first.RunId, 0, default))
        {
            events.Add(item);
        }

        Assert.Equal([RunEventType.RunStarted, RunEventType.RunCompleted], events.Select(e => e.Type));
        Assert.Equal((RunState.Succeeded, "heard one after 0 messages"), await EndAsync(first.RunId));

        var second = await you.StartRunAsync("default", "triage", new StartRunRequest("two", "latest"), default);
        Assert.Equal(first.SessionId, second.SessionId);
        await foreach (var item in you.RunEventsAsync(second.RunId, 0, default))
        {
            events.Add(item);
        }

        Assert.Equal((RunState.Succeeded, "heard two after 2 messages"), await EndAsync(second.RunId));
        await pod.StopAsync();
    }

    [Fact]
    public async Task Run_WhenTheGatewayRestarts_IsTakenUpAgain()
    {
        var run = await _world.You().StartRunAsync("default", "triage", new StartRunRequest("one"), default);
        await _world.StopGatewayAsync();
        await _world.StartGatewayAsync();
        using var pod = await PodAsync();
        await foreach (var item in _world.You().RunEventsAsync(run.RunId, 1, default))
        {
            Assert.Equal(RunEventType.RunCompleted, item.Type);
        }

        await pod.StopAsync();
    }

    [Theory]
    [InlineData("default", "nobody", "one", null, 404)]
    [InlineData("default", "triage", "", null, 422)]
    [InlineData("default", "triage", "one", "somebody-elses", 404)]
    public async Task Start_WhenTheRequestIsWrong_SaysWhat(string ns, string agent, string message, string? session, int status)
    {
        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.You().StartRunAsync(ns, agent, new StartRunRequest(message, session), default));
        Assert.Equal(status, e.Status);
        Assert.NotEmpty(e.Problem.Remedy!);
    }

    [Fact]
    public async Task Start_WhenTheUserMayNot_IsForbidden()
    {
        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.As("stranger").StartRunAsync("default", "triage", new StartRunRequest("one"), default));
        Assert.Equal(403, e.Status);
    }

    [Fact]
    public async Task Start_WhenToolsAreCertainToBeDenied_DoesNotOfferThem()
    {
        var run = await _world.You().StartRunAsync("default", "triage", new StartRunRequest("one"), default);
        var row = await _world.Gateway.Services.GetRequiredService<RunDirectory>().FindAsync(run.RunId, default);
        Assert.Equal(["ops__read", "ops__restart", "ops__scale"], row!.Input.Tools.Select(t => t.Name));
    }

    private async Task<(RunState, string?)> EndAsync(string runId)
    {
        var run = await _world.You().GetRunAsync(runId, default);
        return (run.State, run.Answer);
    }

    /// <summary>An agent's pod: a worker that attaches to its own hub over mutual TLS.</summary>
    private async Task<IHost> PodAsync()
    {
        var source = new AuthorityX509Source(_world.Authority, SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "agent-triage"));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDaprWorkflow(options =>
        {
            options.JsonOptions = GatewayJson.Options;
            options.RegisterWorkflow<RunInput, RunOutput>(RunInput.Orchestration, (_, input) =>
                Task.FromResult(new RunOutput($"heard {input.Message} after {input.History.Count} messages", null, 1)));
        });
        builder.Services.UseSidecar(_ => new TaskHubEndpoint(_world.Workload, SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(GatewayWorld.GatewayId))));
        builder.Services.AddSingleton<IAsyncDisposable>(source);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
