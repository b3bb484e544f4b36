using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Budgets;
using Castellan.KubeApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Tests.Budgets;

/// <summary>What a budget's status says.</summary>
public sealed class BudgetReportTests
{
    private static readonly AgentBudget Daily = PurseWorld.Budget(BudgetScope.User, "24h", calls: 100, tokens: 1000);

    [Fact]
    public void Report_WhenPursesAreUsed_NamesTheFullestAndListsTen()
    {
        var budget = Budget.Of(Daily);
        var purses = Enumerable.Range(0, 12).Select(i => PurseOf(budget, $"u{i:00}", new BudgetAmounts(i, 0, 0))).Append(PurseOf(budget, "reader", new BudgetAmounts(3, 870, 0)));

        var status = BudgetReport.Of(budget, null, 7, purses, PurseWorld.Noon);

        Assert.Equal("user reader: 870 of 1000 tokens", status.Fullest);
        Assert.Equal(["user reader", "user u11", "user u10"], status.Purses!.Take(3).Select(p => p.Of));
        Assert.Equal((10, 7L, new DateTime(2026, 3, 5, 0, 0, 0, DateTimeKind.Utc)), (status.Purses!.Count, status.ObservedGeneration, status.Purses[0].ResetsAt));
        Assert.True(Conditions.IsTrue(status.Conditions, ApiGroup.ReadyCondition));
    }

    [Fact]
    public void Report_WhenTheWindowIsOver_HasNoPurse()
    {
        var budget = Budget.Of(Daily);
        var status = BudgetReport.Of(budget, null, 1, [PurseOf(budget, "ann", new BudgetAmounts(1, 0, 0))], PurseWorld.Noon.AddDays(1));
        Assert.Null(status.Fullest);
        Assert.Empty(status.Purses!);
    }

    [Fact]
    public void Report_WhenTheBudgetCannotBeKept_SaysWhyAndWhatFollows()
    {
        var status = BudgetReport.Of(Budget.Of(PurseWorld.Budget(BudgetScope.User, null, calls: 1)), null, 1, [], PurseWorld.Noon);
        var ready = Conditions.Find(status.Conditions, ApiGroup.ReadyCondition)!;
        Assert.Equal(("False", "BudgetInvalid"), (ready.Status, ready.Reason));
        Assert.Contains("set spec.window, for example 24h; until then the calls that it is about are denied", ready.Message, StringComparison.Ordinal);
    }

    private static Purse PurseOf(Budget budget, string user, BudgetAmounts gone)
    {
        var (start, end) = budget.Window!.Value.At(PurseWorld.Noon);
        return new Purse(new PurseKey(budget.Key, $"user {user}", start, end), gone, default);
    }
}
