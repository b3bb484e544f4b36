using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.Testing;

namespace Castellan.AgentGateway.Tests.Calls;

/// <summary>Two gateways on one PostgreSQL database: one in a process of its own, which dies, and one in this.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Calls_WhenTwoGatewaysShareADatabase_AreEachOthersAndOutliveTheOneThatDies()
    {
        await using var world = await GatewayWorld.StartAsync(withGateway: false, store: "postgres:" + await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        await using var child = await CrashChild.StartAsync(world);
        var (mortalYou, mortalAgent) = (world.You(), world.Agent());
        await world.StartGatewayAsync();
        var (you, agent) = (world.You(), world.Agent());
        var run = (await mortalYou.StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;

        // A write that is asked of both at once happens once, and both have its result.
        var both = await Task.WhenAll(new[] { mortalAgent, agent }.Select(one => ToolAsync(one, run, 1, "restart", "free")));
        Assert.All(both, result => Assert.Equal((CallState.Completed, "restart done", both[0].CallId), (result.State, result.Content!.Text, result.CallId)));
        Assert.Single(world.Tools.Hits);

        // A call that waits at the one is approved and fetched at the other.
        var waiting = await ToolAsync(mortalAgent, run, 2, "restart", "web");
        Assert.Equal(CallState.AwaitingApproval, waiting.State);
        var approval = await world.Approver().GetApprovalAsync(waiting.CallId, default);
        await world.Approver().DecideApprovalAsync(approval.CallId, world.Sign(approval), default);
        Assert.Equal(CallState.Completed, (await EndAsync(agent, run, waiting.CallId)).State);

        // Hubs of the other are seen, and what is asked of its instances is done when the answer comes.
        var hub = (await you.ListWorkflowsAsync(new WorkflowFilter { Hub = "triage" }, default)).Single(instance => instance.InstanceId == run);
        Assert.Equal(run, hub.InstanceId);
        await you.ActOnWorkflowAsync(run, null, WorkflowVerb.Suspend, new WorkflowAction("lunch"), default);
        Assert.Equal("Suspended", (await mortalYou.GetWorkflowAsync(run, null, default)).Status);
        await you.ActOnWorkflowAsync(run, null, WorkflowVerb.Resume, new WorkflowAction(), default);

        // What the dead one had begun ends here: a write is not repeated.
        while (await world.Tools.Behavior.Arrived.WaitAsync(0))
        {
            // of the calls before
        }

        world.Tools.Behavior.Hold();
        var lost = ToolAsync(mortalAgent, run, 3, "restart", "free");
        await world.Tools.Behavior.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
        await child.KillAsync();
        await Assert.ThrowsAsync<GatewayException>(() => lost);
        world.Tools.Behavior.Release();
        var id = (string)world.Tools.Hits.Last().Call["callId"]!;
        Assert.Equal(CallState.OutcomeUnknown, (await EndAsync(agent, run, id)).State);
        Assert.Equal(3, world.Tools.Hits.Count);
        Assert.Equal(["decided", "intent", "completed"], (await you.GetAuditAsync(id, default)).Select(record => record.Stage));
        Assert.True((await you.VerifyAuditAsync(null, default)).Ok);
    }

    private static Task<CallResult> ToolAsync(GatewayClient agent, string run, long sequence, string tool, string name) => agent.CallAsync(
        run, new CallRequest { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall($"ops__{tool}", new JsonObject { ["name"] = name }) }, default);

    private static async Task<CallResult> EndAsync(GatewayClient agent, string run, string call)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            if (await agent.GetCallAsync(run, call, deadline.Token) is { Ended: true } result)
            {
                return result;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }
}
