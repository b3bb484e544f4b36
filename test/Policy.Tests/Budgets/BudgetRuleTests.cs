using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests.Budgets;

/// <summary>Rules that look into purses.</summary>
public sealed class BudgetRuleTests
{
    private static readonly CallContext Call = Given.Call() with
    {
        Budgets = new Dictionary<string, CallBudget>
        {
            ["default/daily"] = new(new BudgetAmounts(90, 1000, 4_500_000), new BudgetCaps(10, null, 500_000)),
        },
    };

    [Theory]
    [InlineData("budgets['default/daily'].callsLeft == 10 && budgets['default/daily'].callsUsed == 90", true)]
    [InlineData("budgets['default/daily'].costLeft < 1.0 && budgets['default/daily'].costUsed == 4.5", true)]
    [InlineData("budgets['default/daily'].tokensLeft > 1000000000", true)] // not limited
    [InlineData("budgets[?'other'].optMap(b, b.callsLeft < 1).orValue(true)", true)]
    [InlineData("budgets['default/daily'].callsLeft > 10", false)]
    public void Rule_WhenItNamesAPurse_SeesHowItStands(string when, bool matches) =>
        Assert.Equal(matches ? DecisionEffect.Allow : DecisionEffect.Deny, Given.Rules(Given.Allow(when)).Decide(Call).Effect);

    [Fact]
    public void Rule_WhenThePurseIsNotOfTheCall_FailsAndDenies()
    {
        var decision = Given.Rules(Given.Allow(), Given.Allow("budgets['other'].callsLeft > 1", "other")).Decide(Call);
        Assert.Equal((DecisionEffect.Deny, "other"), (decision.Effect, decision.Rule));
    }

    [Fact]
    public void ToolList_WhenARuleNamesPurses_TakesThemForUnknown()
    {
        Assert.True(Given.Rules(Given.Allow(), Given.Deny("budgets['default/daily'].callsLeft < 100")).MayAllow(Given.Call()));
        Assert.True(Given.Rules(Given.Allow("budgets['default/daily'].callsLeft > 100")).MayAllow(Given.Call()));
    }

    [Fact]
    public void Reads_WhenNoRuleNamesPurses_IsFalse()
    {
        Assert.False(Given.Rules(Given.Allow("call.tool == 'x'")).Reads(Call, CallVocabulary.BudgetsVariable));
        Assert.True(Given.Rules(Given.Allow("size(budgets) > 0")).Reads(Call, CallVocabulary.BudgetsVariable));
    }
}
