using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests.Budgets;

/// <summary>Which budgets a call counts for, when they are full again, what tokens cost.</summary>
public sealed class BudgetSetTests
{
    private static readonly BudgetedCall OfAgent = new("default", "triage", "ann", ["oncall"], "s1");
    private static readonly BudgetedCall Direct = new("default", null, "ann", ["oncall"], null);

    [Fact]
    public void Covering_WhenSubjectsNameIt_FindsTheBudget()
    {
        Assert.True(Covers(null, OfAgent));
        Assert.True(Covers(new BudgetSubjects(), Direct));
        Assert.True(Covers(new BudgetSubjects { Agents = ["triage"] }, OfAgent));
        Assert.True(Covers(new BudgetSubjects { Agents = ["*"] }, OfAgent));
        Assert.False(Covers(new BudgetSubjects { Agents = ["*"] }, Direct));
        Assert.False(Covers(new BudgetSubjects { Agents = ["other"] }, OfAgent));
        Assert.True(Covers(new BudgetSubjects { Users = ["ann"] }, OfAgent)); // also what an agent does for her
        Assert.True(Covers(new BudgetSubjects { Users = ["*"] }, Direct));
        Assert.True(Covers(new BudgetSubjects { Groups = ["oncall"] }, Direct));
        Assert.False(Covers(new BudgetSubjects { Groups = ["others"], Users = ["bob"] }, Direct));
        Assert.False(Covers(null, OfAgent with { Namespace = "shop" }));
    }

    [Fact]
    public void Covering_WhenTheBudgetHasNoPurseForTheCall_LeavesItOut()
    {
        Assert.Empty(BudgetSet.Of([Budget(BudgetScope.Agent)], []).Covering(Direct));
        Assert.Empty(BudgetSet.Of([Budget(BudgetScope.Session)], []).Covering(Direct));
        Assert.Single(BudgetSet.Of([Budget(BudgetScope.User)], []).Covering(Direct));
    }

    [Fact]
    public void Covering_WhenBudgetsHoldForTheCluster_FindsThemInTheirNamespaces()
    {
        var set = BudgetSet.Of([Budget(BudgetScope.User)], [Cluster("everywhere"), Cluster("here", "default", "shop"), Cluster("there", "shop")]);

        Assert.Equal(["default/b", "everywhere", "here"], set.Covering(OfAgent).Select(b => b.Key));
        Assert.Equal(["everywhere", "here", "there"], set.Covering(OfAgent with { Namespace = "shop" }).Select(b => b.Key));
    }

    [Theory]
    [InlineData("1h", "2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z")]
    [InlineData("24h", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")]
    [InlineData("7d", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")]
    public void Window_WhenATimeLiesInIt_BeginsAndEndsOnTheHourTheDayOrMonday(string window, string start, string end)
    {
        var parsed = BudgetWindow.Parse(window)!.Value;
        Assert.Equal((At(start), At(end)), parsed.At(At("2026-03-04T12:30:00Z")));
        Assert.Equal((At(start), At(end)), parsed.At(At(start)));
        Assert.Equal(At(end), parsed.At(At(end)).Start);
        Assert.Equal((At(start), At(end)), parsed.At(At(end).AddTicks(-1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("0h")]
    [InlineData("1w")]
    [InlineData("367d")]
    [InlineData("-1h")]
    public void Window_WhenItIsNone_IsRefused(string text) => Assert.Null(BudgetWindow.Parse(text));

    [Theory]
    [InlineData("12.50", 12_500_000L)]
    [InlineData("0.000001", 1L)]
    [InlineData("0", 0L)]
    [InlineData("1.0000001", null)]
    [InlineData("-1", null)]
    [InlineData("1,5", null)]
    public void Money_WhenRead_IsExactOrNothing(string text, long? expected) => Assert.Equal(expected, Money.Parse(text));

    [Fact]
    public void Money_WhenWritten_HasTwoDecimalsAtLeast() => Assert.Equal(["12.50", "0.00", "0.000001"], [Money.Write(12_500_000), Money.Write(0), Money.Write(1)]);

    [Fact]
    public void Price_WhenTokensAreCounted_IsRoundedUp()
    {
        var price = new TokenPrice(2_000_000, 500_000, 10_000_000);
        Assert.Equal(60 * 2 + 20 + 500, price.Cost(100, 40, 50));
        Assert.Equal(1, new TokenPrice(1, 1, 1).Cost(1, 0, 0));
    }

    [Fact]
    public void Budget_WhenItCannotBeKept_SaysWhy()
    {
        Assert.Contains("no window", FaultOf(b => b.Window = null), StringComparison.Ordinal);
        Assert.Contains("'400d'", FaultOf(b => b.Window = "400d"), StringComparison.Ordinal);
        Assert.Contains("nothing is limited", FaultOf(b => b.Limits = new BudgetLimits()), StringComparison.Ordinal);
        Assert.Null(FaultOf(b => (b.Per, b.Window) = (BudgetScope.Session, null)));
    }

    private static string? FaultOf(Action<AgentBudgetSpec> change)
    {
        var budget = Budget(BudgetScope.User);
        change(budget.Spec);
        return Castellan.Policy.Budget.Of(budget).Fault;
    }

    private static bool Covers(BudgetSubjects? subjects, BudgetedCall call)
    {
        var budget = Budget(BudgetScope.Namespace);
        budget.Spec.Subjects = subjects;
        return BudgetSet.Of([budget], []).Covering(call).Count == 1;
    }

    private static AgentBudget Budget(BudgetScope per) => new()
    {
        Metadata = new() { Namespace = "default", Name = "b" },
        Spec = new AgentBudgetSpec { Per = per, Window = "24h", Limits = new BudgetLimits { Calls = 1 } },
    };

    private static ClusterAgentBudget Cluster(string name, params string[] namespaces) => new()
    {
        Metadata = new() { Name = name },
        Spec = new ClusterAgentBudgetSpec { Per = BudgetScope.User, Window = "24h", Limits = new BudgetLimits { Calls = 1 }, Namespaces = namespaces },
    };

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
