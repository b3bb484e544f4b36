namespace Castellan.Policy.Tests.Decisions;

public sealed class MayAllowTests
{
    [Theory]
    [InlineData("call.tool == 'restart'", true)]
    [InlineData("call.tool == 'list'", false)]
    [InlineData("call.args.namespace == 'shop'", true)]
    [InlineData("call.tool == 'list' && call.args.namespace == 'shop'", false)]
    [InlineData("call.args.namespace == 'shop' || call.tool == 'restart'", true)]
    [InlineData("call.args.names.all(n, n != 'x')", true)]
    [InlineData("now.getHours() < 8", true)]
    [InlineData("session.calls < 3", true)]
    [InlineData("call.tool == 'list' && session.calls < 3", false)]
    [InlineData("call.server == 'other' ? call.args.a == 1 : false", false)]
    public void MayAllow_WhenAnAllowRuleReadsArguments_IsFalseOnlyIfItCannotMatch(string when, bool expected) =>
        Assert.Equal(expected, Given.Rules(Given.Allow(when)).MayAllow(Given.Call()));

    [Fact]
    public void MayAllow_WhenADenyRuleIsCertain_IsFalse()
    {
        Assert.False(Given.Rules(Given.Allow(), Given.Deny("call.tool == 'restart'")).MayAllow(Given.Call()));
        Assert.True(Given.Rules(Given.Allow(), Given.Deny("call.args.namespace == 'shop'")).MayAllow(Given.Call()));
        Assert.False(Given.Rules(Given.Deny("call.args.namespace == 'shop'")).MayAllow(Given.Call()));
    }

    [Fact]
    public void MayAllow_WhenApprovalIsRequired_IsTrue() => Assert.True(Given.Rules(Given.Approval()).MayAllow(Given.Call()));

    [Fact]
    public void MayAllow_WhenARuleIsCertainToFail_IsFalse() =>
        Assert.False(Given.Rules(Given.Allow(), Given.Allow("agent.labels.nosuch == 'x'", "odd")).MayAllow(Given.Call()));

    [Fact]
    public void MayAllow_WhenNothingCoversTheCaller_IsFalse() => Assert.False(PolicySet.Empty.MayAllow(Given.Call()));

    [Theory]
    [InlineData("call.tool == 'restart' && has(call.args.name) && !(call.args.name in ['free', 'mine'])")]
    [InlineData("call.args.name in ['free', 'mine']")]
    [InlineData("has(call.args.name)")]
    [InlineData("call.args.?name.orValue('') == 'x'")]
    public void MayAllow_WhenAConditionAsksForAnArgument_IsTrue(string condition) =>
        Assert.True(Given.Rules(Given.Allow(condition)).MayAllow(Given.Call() with { Arguments = null }), condition);
}
