namespace Castellan.Policy.Tests.Decisions;

public sealed class AnnotationTests
{
    [Theory]
    [InlineData("call.annotations.readOnly", false)]
    [InlineData("call.annotations.destructive", true)]
    [InlineData("call.annotations.idempotent", false)]
    [InlineData("call.annotations.openWorld", true)]
    [InlineData("call.annotations.title == ''", true)]
    public void Condition_WhenTheServerClaimsNothing_SeesTheCautiousDefaults(string when, bool expected) =>
        Assert.Equal(expected ? DecisionEffect.Allow : DecisionEffect.Deny, Given.Rules(Given.Allow(when)).Decide(Given.Call()).Effect);

    [Fact]
    public void Condition_WhenTheServerClaims_SeesTheClaim()
    {
        var claims = new CallAnnotations { ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false, Title = "Look" };
        var rules = Given.Rules(Given.Allow("call.annotations.readOnly && !call.annotations.destructive && call.annotations.idempotent && !call.annotations.openWorld && call.annotations.title == 'Look'"));
        Assert.Equal(DecisionEffect.Allow, rules.Decide(Given.Call() with { Annotations = claims }).Effect);
        Assert.Equal(DecisionEffect.Deny, rules.Decide(Given.Call() with { Annotations = claims with { Title = "Peek" } }).Effect);
    }

    [Fact]
    public void Condition_WhenTheCallIsAModels_SeesNothingToWorryAbout() => Assert.Equal(
        DecisionEffect.Allow, Given.Rules(Given.Allow(), Given.Deny("call.annotations.destructive || call.annotations.openWorld")).Decide(Given.Call() with { Kind = CallKind.Model, Effect = null }).Effect);

    [Fact]
    public void MayAllow_WhenARuleDeniesWhatTheServerClaims_IsFalse() =>
        Assert.False(Given.Rules(Given.Allow(), Given.Deny("call.annotations.openWorld")).MayAllow(Given.Call()));

    [Fact]
    public void Compile_WhenAnAnnotationIsUnknown_IsAFault() => Assert.NotEmpty(Given.Rules(Given.Allow("call.annotations.safe")).Faults);
}
