using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Calls;
using Castellan.GatewayApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Tests.Budgets;

/// <summary>Purses on real stores: what is held back, what is settled, when they are full again.</summary>
public sealed class PurseTests
{
    private static readonly ModelConfigSpec Gpt = new()
    {
        Provider = ModelProvider.OpenAI,
        Model = "gpt",
        Parameters = new ModelParameters { MaxOutputTokens = 1000 },
        Price = new ModelPrice { InputPerMillion = "2.00", CachedInputPerMillion = "0.50", OutputPerMillion = "10" },
    };

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Purse_WhenTwiceAsManyCallsComeAtOnce_LetsExactlyItsContentPass(bool postgres, int gateways)
    {
        await using var world = await PurseWorld.StartAsync(postgres, gateways);
        var budgets = PurseWorld.Set(PurseWorld.Budget(BudgetScope.Agent, "24h", calls: 100), PurseWorld.Budget(BudgetScope.User, "24h", calls: 1000, name: "people"));
        var calls = Enumerable.Range(0, 200).Select(i => world.Call(budgets, $"c{i}")).ToList();

        var refusals = await Task.WhenAll(calls.Select((spec, i) => Task.Run(() => world.AcceptAsync(spec, i % gateways))));

        Assert.Equal(100, refusals.Count(refusal => refusal is null));
        Assert.Single(refusals.OfType<string>().Distinct());
        var purses = await world.Purses.CurrentAsync(default);
        Assert.Equal([("default/daily", 100L), ("default/people", 100L)], purses.Select(p => (p.Key.Budget, p.Reserved.Calls)));

        await Task.WhenAll(calls.Where((_, i) => refusals[i] is null).Select((spec, i) => Task.Run(() => world.EndAsync(spec, PurseWorld.Done(spec), i % gateways))));
        Assert.All(await world.Purses.CurrentAsync(default), p => Assert.Equal((new BudgetAmounts(100, 0, 0), default(BudgetAmounts)), (p.Used, p.Reserved)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Purse_WhenAModelReportsLessThanWasHeldBack_GetsTheRestBack(bool postgres)
    {
        await using var world = await PurseWorld.StartAsync(postgres);
        var call = world.Call(PurseWorld.Set(PurseWorld.Budget(BudgetScope.User, "24h", tokens: 5000, cost: "1.00")), "c1", model: Gpt);

        Assert.Null(await world.AcceptAsync(call));
        var (used, reserved) = await world.OnlyAsync();
        Assert.Equal(default, used);
        Assert.InRange(reserved.Tokens, 1001, 1200); // its answer at most, and its few words
        Assert.Equal((1, (reserved.Tokens - 1000) * 2 + 10_000), (reserved.Calls, reserved.Cost));

        await world.EndAsync(call, PurseWorld.Done(call, input: 100, output: 50, cached: 40));
        Assert.Equal((new BudgetAmounts(1, 150, 60 * 2 + 40 / 2 + 50 * 10), default), await world.OnlyAsync());
        await world.EndAsync(call, PurseWorld.Done(call, input: 100, output: 50)); // a second delivery
        Assert.Equal(150, (await world.OnlyAsync()).Used.Tokens);
    }

    [Theory]
    [InlineData(CallState.Denied, null, 0)]
    [InlineData(CallState.Refused, null, 0)]
    [InlineData(CallState.Expired, null, 0)]
    [InlineData(CallState.Failed, true, 0)]
    [InlineData(CallState.Failed, null, 1)]
    [InlineData(CallState.OutcomeUnknown, null, 1)]
    [InlineData(CallState.Denied, false, 1)]
    public async Task Purse_WhenACallEndsWithoutAnAnswer_IsChargedForWhatMayHaveBeenSent(CallState state, bool? unspent, int calls)
    {
        await using var world = await PurseWorld.StartAsync(postgres: false);
        var call = world.Call(PurseWorld.Set(PurseWorld.Budget(BudgetScope.User, "24h", tokens: 5000)), "c1", model: Gpt);
        await world.AcceptAsync(call);
        var held = (await world.OnlyAsync()).Reserved;

        await world.EndAsync(call, CallTexts.Ended(call, state, "over") with { Unspent = unspent });

        Assert.Equal((calls == 0 ? default : held, default), await world.OnlyAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Purse_WhenItsWindowEnds_IsFullAgainAndOldCallsAreSettledToTheOldOne(bool postgres)
    {
        await using var world = await PurseWorld.StartAsync(postgres);
        var budgets = PurseWorld.Set(PurseWorld.Budget(BudgetScope.Agent, "1h", calls: 1));
        var (first, second) = (world.Call(budgets, "c1"), world.Call(budgets, "c2"));
        Assert.Null(await world.AcceptAsync(first));
        Assert.Equal("budget default/daily of agent default/triage has 0 of 1 calls left, and 1 is asked for; it is full again at 2026-03-04 13:00:00 UTC", await world.AcceptAsync(second));

        world.Clock.Advance(TimeSpan.FromMinutes(30));
        var third = world.Call(budgets, "c3");
        Assert.Null(await world.AcceptAsync(third));
        await world.EndAsync(first, PurseWorld.Done(first));
        Assert.Equal((default, new BudgetAmounts(1, 0, 0)), await world.OnlyAsync());

        world.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, await world.Purses.PruneAsync(default)); // the other still holds something back
        await world.EndAsync(third, PurseWorld.Done(third));
        Assert.Equal(1, await world.Purses.PruneAsync(default));
    }

    [Fact]
    public async Task Purse_WhenItIsASessions_LastsAsLongAsIt()
    {
        await using var world = await PurseWorld.StartAsync(postgres: false);
        var budgets = PurseWorld.Set(PurseWorld.Budget(BudgetScope.Session, null, calls: 1));
        Assert.Null(await world.AcceptAsync(world.Call(budgets, "c1", "s1")));
        Assert.Null(await world.AcceptAsync(world.Call(budgets, "c2", "s2")));

        world.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Contains("of session s1 has 0 of 1 calls left, and 1 is asked for; it lasts as long as the session", await world.AcceptAsync(world.Call(budgets, "c3", "s1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Purses_WhenBudgetsArePerPersonAndNamespace_AreSeparate()
    {
        await using var world = await PurseWorld.StartAsync(postgres: false);
        var budgets = PurseWorld.Set(PurseWorld.Budget(BudgetScope.User, "1d", calls: 1), PurseWorld.Budget(BudgetScope.Namespace, "7d", calls: 2, name: "weekly"));
        Assert.Null(await world.AcceptAsync(world.Call(budgets, "c1", user: "ann")));
        Assert.Null(await world.AcceptAsync(world.Call(budgets, "c2", user: "bob", agent: "other")));
        Assert.Equal("budget default/weekly of namespace default has 0 of 2 calls left, and 1 is asked for; it is full again at 2026-03-09 00:00:00 UTC", await world.AcceptAsync(world.Call(budgets, "c3", user: "cleo")));

        // What was held back in the purses before the one without room is undone with the rest of the unit.
        Assert.Equal(["default/daily user ann 1", "default/daily user bob 1", "default/weekly namespace default 2"],
            (await world.Purses.CurrentAsync(default)).Select(p => $"{p.Key.Budget} {p.Key.Scope} {p.Reserved.Calls}"));
        Assert.Null(await world.Gateways[0].Calls.FindAsync("c3", default));
    }

    [Fact]
    public async Task Charge_WhenCostIsLimitedAndTheModelHasNoPrice_Denies()
    {
        await using var world = await PurseWorld.StartAsync(postgres: false);
        var call = world.Call(PurseWorld.Set(PurseWorld.Budget(BudgetScope.User, "24h", cost: "1")), "c1", model: new ModelConfigSpec { Provider = ModelProvider.OpenAI, Model = "gpt" });
        Assert.Equal((GatewayApi.DecisionEffect.Deny, "AgentBudget", "default/daily"), (call.Decision.Effect, call.Decision.Rule, call.Decision.Policy));
        Assert.Contains("has no price", call.Decision.Reason, StringComparison.Ordinal);

        var free = world.Call(PurseWorld.Set(PurseWorld.Budget(BudgetScope.User, "24h", cost: "0")), "c2", model: new ModelConfigSpec { Provider = ModelProvider.Runbook, Model = "book" });
        Assert.Null(await world.AcceptAsync(free)); // a runbook costs nothing
    }
}
