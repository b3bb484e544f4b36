using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests.Obligations;

public sealed class ObligationsTests
{
    [Fact]
    public void Decide_WhenSeveralRulesOblige_AddsThemUp()
    {
        var set = Given.Set(
            Given.Policy("a", With(Given.Allow(), new() { RedactArguments = ["$.password"], MaxResultBytes = 1000, Headers = new Dictionary<string, string> { ["X-Ticket"] = "1" } })),
            Given.Policy("b",
                With(Given.Allow(), new() { RedactArguments = ["$.token", "$.password"], MaxResultBytes = 200, Headers = new Dictionary<string, string> { ["x-ticket"] = "2" } }),
                With(Given.Allow("call.tool == 'other'", "other"), new() { MaxResultBytes = 1 })));

        var obligations = set.Decide(Given.Call()).Obligations!;

        Assert.Equal(["$.password", "$.token"], obligations.RedactArguments);
        Assert.Equal((200, "1"), (obligations.MaxResultBytes, Assert.Single(obligations.Headers).Value));
        Assert.Equal(["redact $.password of the arguments", "redact $.token of the arguments", "cut the result at 200 bytes", "send the header X-Ticket"], obligations.Lines);
        Assert.Equal("""{"password":"[redacted]","n":1}""", obligations.Redacted(JsonNode.Parse("""{"password":"x","n":1}""")!.AsObject()).ToJsonString());
        Assert.Null(Given.Rules(Given.Allow()).Decide(Given.Call()).Obligations);
    }

    [Fact]
    public void Decide_WhenSeveralRulesInspectResults_TakesTheStrictestOfEach()
    {
        var set = Given.Set(
            Given.Policy("a", With(Given.Allow(), new() { InspectResult = new() { Secrets = FindingAction.Redact, Injections = FindingAction.Flag } })),
            Given.Policy("b", With(Given.Allow(), new() { InspectResult = new() { Secrets = FindingAction.Flag, Injections = FindingAction.Deny } })));

        var obligations = set.Decide(Given.Call()).Obligations!;

        Assert.Equal(new ResultChecks(FindingAction.Redact, null, FindingAction.Deny), obligations.InspectResult);
        Assert.Equal(["redact secrets in the result", "withhold a result with injected instructions"], obligations.Lines);
        Assert.Contains("says nothing to look for", Assert.Single(Given.Rules(With(Given.Allow(), new() { InspectResult = new() })).Faults).ToString());
    }

    [Theory]
    [InlineData("path", "does not begin with $")]
    [InlineData("Authorization", "belongs to the protocol or proves who calls")]
    [InlineData("Mcp-Session-Id", "belongs to the protocol")]
    [InlineData("X Ticket", "is not the name of a header")]
    public void Compile_WhenAnObligationIsFaulty_SaysWhat(string what, string problem)
    {
        RuleObligations declared = what == "path" ? new() { RedactResult = [what] } : new() { Headers = new Dictionary<string, string> { [what] = "x" } };

        Assert.Contains(problem, Assert.Single(PolicySet.Compile([Given.Policy("p", With(Given.Allow(), declared))]).Faults).ToString());
    }

    [Fact]
    public void Compile_WhenADenyRuleObliges_SaysSo() =>
        Assert.Contains("the rule denies", Assert.Single(PolicySet.Compile([Given.Policy("p", With(Given.Deny(), new() { MaxResultBytes = 1 }))]).Faults).ToString());

    private static PolicyRule With(PolicyRule rule, RuleObligations obligations)
    {
        rule.Obligations = obligations;
        return rule;
    }
}
