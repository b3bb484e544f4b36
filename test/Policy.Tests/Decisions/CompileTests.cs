using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests.Decisions;

public sealed class CompileTests
{
    [Theory]
    [InlineData("call.tol == 'x'", "1:6", "unknown field 'tol' of call", "did you mean 'tool'?")]
    [InlineData("true &&\n  principl.user == 'x'", "2:3", "unknown variable 'principl'", "did you mean 'principal'?")]
    [InlineData("call.tool = 'x'", "1:11", "unexpected character '='", "write == to compare")]
    [InlineData("call.tool.startWith('x')", "1:11", "unknown function 'startWith'", "did you mean 'startsWith'?")]
    [InlineData("call.tool == 1", "1:11", "'==' does not apply to string and int", null)]
    [InlineData("call.tool", "1:6", "the expression gives string", "it must give bool")]
    public void Compile_WhenAConditionIsWrong_SaysWhereAndWhatToDo(string when, string position, string message, string? remedy)
    {
        var fault = Assert.Single(Given.Rules(Given.Allow(when, "r")).Faults);

        Assert.Equal(("default/p", "r", position, message), (fault.Policy, fault.Rule, fault.Position, fault.Message));
        if (remedy is not null) Assert.Equal(remedy, fault.Remedy);
        Assert.Contains($"policy default/p, rule r, at {position}", fault.ToString());
    }

    [Fact]
    public void Compile_WhenARuleIsFaulty_ItDeniesWhatThePolicyCovers()
    {
        var set = Given.Rules(Given.Allow(), Given.Deny("call.tol == 'x'", "typo"));

        var decision = set.Decide(Given.Call());

        Assert.Equal((DecisionEffect.Deny, "typo"), (decision.Effect, decision.Rule));
        Assert.Contains("unknown field 'tol'", decision.Reason);
        Assert.False(set.MayAllow(Given.Call()));
    }

    [Fact]
    public void Compile_WhenAPolicyTurnsFaulty_KeepsItsLastGoodVersion()
    {
        var good = Given.Rules(Given.Allow("call.tool == 'restart'"));
        var bad = PolicySet.Compile([Given.Policy("p", Given.Allow("call.tol == 'x'"))], good);

        Assert.NotEmpty(bad.Faults);
        Assert.Equal(good.Revision, bad.Revision);
        Assert.Equal(DecisionEffect.Allow, bad.Decide(Given.Call()).Effect);
        Assert.Equal(DecisionEffect.Allow, PolicySet.Compile([Given.Policy("p", Given.Allow("call.tol == 'x'"))], bad).Decide(Given.Call()).Effect);
    }

    [Fact]
    public void Compile_WhenAPolicyIsGone_ItsLastVersionIsGoneToo() =>
        Assert.Equal(PolicySet.Empty.Revision, PolicySet.Compile([], Given.Rules(Given.Allow())).Revision);

    [Fact]
    public void Compile_WhenNobodyMayApprove_IsAFault()
    {
        var rule = Given.Approval();
        rule.Approvers = new ApproverSet();

        Assert.Contains("nobody may approve", Assert.Single(Given.Rules(rule).Faults).Message);
    }

    [Fact]
    public void Compile_WhenNamesRepeatOrSubjectsAreMissing_IsAFault()
    {
        Assert.Contains("2 rules are named 'allow'", Assert.Single(Given.Rules(Given.Allow(), Given.Allow()).Faults).Message);
        Assert.Contains("about nobody", Assert.Single(Given.Set(Given.Policy("p", Given.Allow()).About(new PolicySubjects())).Faults).Message);
    }

    [Fact]
    public void Revision_WhenPoliciesAreTheSame_DoesNotDependOnTheirOrder()
    {
        var (a, b) = (Given.Policy("a", Given.Allow()), Given.Policy("b", Given.Deny()));

        Assert.Equal(Given.Set(a, b).Revision, Given.Set(b, a).Revision);
        Assert.NotEqual(Given.Set(a).Revision, Given.Set(a, b).Revision);
        Assert.Matches("^sha256:[0-9a-f]{64}$", Given.Set(a).Revision);
    }
}
