using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.Calls;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.Testing;

namespace Castellan.AgentGateway.Tests.Budgets;

/// <summary>One purse of two gateways on one PostgreSQL database: one in a process of its own, which dies, and one in this.</summary>
public sealed class BudgetReplicaTests
{
    private const int InThePurse = 20;

    [Fact]
    public async Task Budget_WhenTwoGatewaysSpendAtOnceAndOneDies_IsNeitherOvershotNorLosesWhatWasHeldBack()
    {
        await using var world = await GatewayWorld.StartAsync(withGateway: false, store: "postgres:" + await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        await Manifests.ApplyAsync(world.Cluster.Admin, $"apiVersion: castellan.dev/v1alpha1\nkind: AgentBudget\nmetadata: {{name: each, namespace: default}}\nspec: {{per: Session, limits: {{calls: {InThePurse}}}}}");
        await using var child = await CrashChild.StartAsync(world);
        var (mortalYou, mortalAgent) = (world.You(), world.Agent());
        await world.StartGatewayAsync();
        var (you, agent) = (world.You(), world.Agent());

        var run = (await mortalYou.StartRunAsync("default", "triage", new StartRunRequest("why?", "new"), default)).RunId;
        var results = await Task.WhenAll(Enumerable.Range(1, 2 * InThePurse).Select(i => ToolAsync(i % 2 == 0 ? mortalAgent : agent, run, i, "read")));
        Assert.Equal((InThePurse, InThePurse), (results.Count(r => r.State == CallState.Completed), results.Count(r => r.State == CallState.Denied)));
        Assert.Equal(InThePurse, world.Tools.Hits.Count);
        Assert.Equal((InThePurse, 0), await PurseAsync(you, run));
        while (await world.Tools.Behavior.Arrived.WaitAsync(0))
        {
            // of the calls before
        }

        // In another session: a write that was sent when its gateway died. The other settles it, once.
        var second = (await mortalYou.StartRunAsync("default", "triage", new StartRunRequest("why?", "new"), default)).RunId;
        world.Tools.Behavior.Hold();
        var lost = ToolAsync(mortalAgent, second, 1, "restart");
        await world.Tools.Behavior.Arrived.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((0, 1), await PurseAsync(you, second));
        await child.KillAsync();
        await Assert.ThrowsAsync<GatewayException>(() => lost);
        world.Tools.Behavior.Release();
        var id = (string)world.Tools.Hits.Last().Call["callId"]!;
        Assert.Equal(CallState.OutcomeUnknown, (await EndAsync(agent, second, id)).State);
        Assert.Equal((1, 0), await PurseAsync(you, second));
    }

    private static Task<CallResult> ToolAsync(GatewayClient agent, string run, long sequence, string tool) => agent.CallAsync(
        run, new CallRequest { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall($"ops__{tool}", new JsonObject { ["name"] = "free" }) }, default);

    private static async Task<(int Used, int Reserved)> PurseAsync(GatewayClient you, string run)
    {
        var session = (await you.GetRunAsync(run, default)).SessionId;
        var purse = (await you.ListBudgetsAsync(default)).Single(p => p.Of == $"session {session}");
        return ((int)purse.Used.Calls!, (int)purse.Reserved.Calls!);
    }

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
