using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Tests.Calls;

/// <summary>The gateway is killed (SIGKILL) after the tool took effect and before it answered; then another one opens the same store.</summary>
public sealed class CrashTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kill_WhenAWriteIsInFlight_LeavesOutcomeUnknownAndNeverRepeatsIt(bool dapr)
    {
        await using var world = await StartWorldAsync(dapr);
        var (run, call) = await KillDuringAsync(world, "restart");
        var result = await EndAsync(world, run, call);
        Assert.Equal(CallState.OutcomeUnknown, result.State);
        Assert.Contains("is unknown", result.Message, StringComparison.Ordinal);
        Assert.Single(world.Tools.Hits);
        await SoundAsync(world, call, ["decided", "intent", "completed"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kill_WhenAReadIsInFlight_ReadsAgainAsAttempt2(bool dapr)
    {
        await using var world = await StartWorldAsync(dapr);
        var (run, call) = await KillDuringAsync(world, "read");
        var result = await EndAsync(world, run, call);
        Assert.Equal((CallState.Completed, 2, "read done"), (result.State, result.Attempt, result.Content!.Text));
        Assert.Equal([1, 2], world.Tools.Hits.Select(h => (int)h.Call["attempt"]!));
        await SoundAsync(world, call, ["decided", "intent", "intent", "completed"]);
    }

    [Fact]
    public async Task Kill_WhenABuiltInServerKnowsTheOutcome_TakesItWithoutRepeating()
    {
        await using var world = await GatewayWorld.StartAsync(withGateway: false);
        world.Tools.Behavior.Tools = [.. world.Tools.Behavior.Tools.Select(tool => new Tool
        {
            Name = tool.Name,
            Description = tool.Description,
            InputSchema = tool.InputSchema,
            Meta = new JsonObject { ["castellan.dev/effect"] = tool.Name == "restart" ? "Write" : "Read" },
        })];
        await world.Cluster.Admin.DeleteAsync<AgentApi.V1Alpha1.ToolServer>(new KubeApi.NamespacedName("default", "ops"));
        await Manifests.ApplyAsync(world.Cluster.Admin, """
            apiVersion: castellan.dev/v1alpha1
            kind: ToolServer
            metadata: {name: ops, namespace: default}
            spec: {builtIn: {server: Cluster}}
            """);
        var (run, call) = await KillDuringAsync(world, "restart");
        var result = await EndAsync(world, run, call);
        Assert.Equal((CallState.Completed, "restart done"), (result.State, result.Content!.Text));
        Assert.Single(world.Tools.Hits);
        await SoundAsync(world, call, ["decided", "intent", "completed"]);
    }

    [Fact]
    public async Task KillOfTheSidecar_WhenCallsComeAndGo_LosesNoneAndRepeatsNoWrite()
    {
        await using var sidecar = await SeparateSidecar.StartAsync();
        await using var world = await GatewayWorld.StartAsync(dapr: sidecar.NextHub());
        var run = (await world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;
        var agent = world.Agent();
        Task<CallResult> CallAsync(int sequence) => agent.CallAsync(run, new CallRequest { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall("ops__restart", new JsonObject { ["name"] = "free" }) }, default);
        Assert.Equal(CallState.Completed, (await CallAsync(1)).State);

        world.Tools.Behavior.Hold();
        var inFlight = CallAsync(2);
        await world.Tools.Behavior.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
        await sidecar.KillAsync();
        var accepted = CallAsync(3); // while there is no sidecar
        world.Tools.Behavior.Release();
        await sidecar.RestartAsync();

        Assert.Equal([CallState.Completed, CallState.Completed], (await Task.WhenAll(inFlight, accepted)).Select(r => r.State));
        Assert.Equal(3, world.Tools.Hits.Count);
        foreach (var call in await Task.WhenAll(inFlight, accepted))
        {
            await SoundAsync(world, call.CallId, ["decided", "intent", "completed"]);
        }
    }

    private Task<GatewayWorld> StartWorldAsync(bool dapr) => GatewayWorld.StartAsync(withGateway: false, dapr ? fixture.Sidecar.NextHub() : null);

    /// <summary>Lets a call take effect in a child gateway, kills the child before the answer, and starts another gateway.</summary>
    private static async Task<(string Run, string Call)> KillDuringAsync(GatewayWorld world, string tool)
    {
        string run, call;
        world.Tools.Behavior.Hold();
        await using (var child = await CrashChild.StartAsync(world))
        {
            run = await StartRunAsync(world);
            var request = new CallRequest { Sequence = 1, Kind = CallKind.Tool, Tool = new ToolCall($"ops__{tool}", new JsonObject { ["name"] = "free" }) };
            var pending = world.Agent().CallAsync(run, request, default);
            await world.Tools.Behavior.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
            call = (string)world.Tools.Hits.First().Call["callId"]!;
            await child.KillAsync();
            await Assert.ThrowsAsync<GatewayException>(() => pending);
        }

        world.Tools.Behavior.Release();
        await world.StartGatewayAsync();
        return (run, call);
    }

    private static async Task<string> StartRunAsync(GatewayWorld world)
    {
        // The child has listed the tools before it is asked: a run pins what is there when it starts.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await world.Cluster.Admin.GetAsync<AgentApi.V1Alpha1.ToolServer>(new KubeApi.NamespacedName("default", "ops"), deadline.Token)).Status?.ToolCount is not 4)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }

        return (await world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), deadline.Token)).RunId;
    }

    private static async Task<CallResult> EndAsync(GatewayWorld world, string run, string call)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await world.Agent().GetCallAsync(run, call, deadline.Token);
    }

    private static async Task SoundAsync(GatewayWorld world, string call, string[] stages)
    {
        Assert.Equal(stages, (await world.You().GetAuditAsync(call, default)).Select(r => r.Stage));
        Assert.True((await world.You().VerifyAuditAsync(null, default)).Ok);
    }
}
