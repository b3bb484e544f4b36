using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests.Decisions;

public sealed class DecideTests
{
    [Theory]
    [InlineData(2, 0, DecisionEffect.Allow)]
    [InlineData(3, 0, DecisionEffect.Deny)]
    [InlineData(2, 1, DecisionEffect.Deny)]
    public void Decide_WhenARuleCountsTheSession_GoesByWhatHappenedInIt(long writes, long mails, DecisionEffect expected)
    {
        var set = Given.Rules(Given.Allow(), Given.Deny("session.writes >= 3 || session.tools.exists(t, t.startsWith('mail__'))"));
        var call = Given.Call() with { Session = new CallSession { Id = "s", Calls = writes, Writes = writes, Tools = mails == 0 ? new Dictionary<string, long>() : new Dictionary<string, long> { ["mail__send"] = mails } } };

        Assert.Equal(expected, set.Decide(call).Effect);
        Assert.True(set.Reads(call, CallVocabulary.SessionVariable));
        Assert.False(set.Reads(call with { Namespace = "other", Agent = new CallAgent("other", "triage") }, CallVocabulary.SessionVariable));
        Assert.False(Given.Rules(Given.Allow("call.tool == 'restart'")).Reads(call, CallVocabulary.SessionVariable));
    }

    [Fact]
    public void Decide_WhenNoPolicyCoversTheCaller_DeniesAndSaysWhatToAdd()
    {
        var decision = PolicySet.Empty.Decide(Given.Call());

        Assert.Equal(DecisionEffect.Deny, decision.Effect);
        Assert.Null(decision.Rule);
        Assert.Contains("agent default/triage", decision.Reason);
        Assert.Contains("add an AgentPolicy", decision.Reason);
    }

    [Fact]
    public void Decide_WhenNoRuleMatches_DeniesByDefault()
    {
        var decision = Given.Rules(Given.Allow("call.tool == 'list'")).Decide(Given.Call());

        Assert.Equal(DecisionEffect.Deny, decision.Effect);
        Assert.Contains("no rule allows tool 'restart' of server 'cluster' for agent default/triage", decision.Reason);
        Assert.Contains("default/p", decision.Reason);
    }

    [Theory]
    [InlineData("call.tool == 'restart' && call.server == 'cluster' && call.kind == 'Tool'")]
    [InlineData("call.effect == 'Write' && call.namespace == 'default'")]
    [InlineData("call.args.namespace == 'shop' && call.args.replicas <= 3")]
    [InlineData("principal.spiffeId.startsWith('spiffe://castellan.local/') && principal.user == ''")]
    [InlineData("onBehalfOf.user == 'you' && 'castellan:operators' in onBehalfOf.groups")]
    [InlineData("agent.name == 'triage' && agent.namespace == 'default' && agent.labels.tier == 'trusted' && agent.revision == 'r1'")]
    [InlineData("now < timestamp('2026-03-02T12:00:01Z') && now.getHours() == 12")]
    [InlineData("model.name == '' && !has(model.provider)")]
    public void Decide_WhenAConditionReadsTheCall_SeesItsValues(string when)
    {
        var set = Given.Rules(Given.Allow(when, "it"));

        Assert.Empty(set.Faults);
        var decision = set.Decide(Given.Call());
        Assert.Equal((DecisionEffect.Allow, "default/p", "it"), (decision.Effect, decision.Policy, decision.Rule));
        Assert.Equal(set.Revision, decision.Revision);
    }

    [Fact]
    public void Decide_WhenAllowAndApprovalAndDenyMatch_TheStricterWins()
    {
        Assert.Equal(DecisionEffect.Deny, Given.Rules(Given.Allow(), Given.Approval(), Given.Deny()).Decide(Given.Call()).Effect);
        Assert.Equal(DecisionEffect.Deny, Given.Set(Given.Policy("a", Given.Allow()), Given.Policy("b", Given.Deny())).Decide(Given.Call()).Effect);

        var approval = Given.Rules(Given.Allow(), Given.Approval(expires: 60)).Decide(Given.Call());
        Assert.Equal((DecisionEffect.RequireApproval, "approval", 60), (approval.Effect, approval.Rule, approval.ExpiresAfterSeconds));
        Assert.Equal(["castellan:approvers"], Assert.Single(approval.Demands).Groups);
    }

    [Fact]
    public void Decide_WhenTwoRulesRequireApproval_AsksForBothSetsAndTheShorterWait()
    {
        var decision = Given.Rules(Given.Approval(name: "a", groups: "sre"), Given.Approval(name: "b", expires: 30, groups: "dba")).Decide(Given.Call());

        Assert.Equal(2, decision.Demands.Count);
        Assert.Equal(30, decision.ExpiresAfterSeconds);
    }

    [Theory]
    [InlineData("call.args.missing == 'x'", "no such key: 'missing'")]
    [InlineData("1 / (call.args.replicas - 3) == 1", "divide by zero")]
    [InlineData("call.args.replicas", "gives int, not bool")]
    public void Decide_WhenAnExpressionFails_DeniesAndSaysSo(string when, string problem)
    {
        foreach (var rule in new[] { Given.Allow(when, "odd"), Given.Approval(when, "odd"), Given.Deny(when, "odd") })
        {
            var decision = Given.Rules(Given.Allow(), rule).Decide(Given.Call());

            Assert.Equal((DecisionEffect.Deny, "odd"), (decision.Effect, decision.Rule));
            Assert.Contains("failed, so it denies", decision.Reason);
            Assert.Contains(problem, decision.Reason);
        }
    }

    [Fact]
    public void Decide_WhenTheToolDoesNotMatch_AnArgumentThatIsMissingDoesNotFail()
    {
        var set = Given.Rules(Given.Allow("call.tool == 'scale' && call.args.count < 5"), Given.Allow("call.tool == 'restart'", "restart"));

        Assert.Equal("restart", set.Decide(Given.Call()).Rule);
    }

    [Fact]
    public void Decide_WhenTheRevisionIsNotKnown_ARuleThatReadsItDenies()
    {
        var call = Given.Call() with { Agent = new CallAgent("default", "triage") };
        var set = Given.Rules(Given.Allow(), Given.Deny("agent.revision == 'bad'", "bad"));

        Assert.Equal((DecisionEffect.Deny, "bad"), (set.Decide(call).Effect, set.Decide(call).Rule));
        Assert.Contains("the field 'revision' of agent has no value", set.Decide(call).Reason);
        Assert.True(set.MayAllow(call));
        Assert.Equal(DecisionEffect.Allow, set.Decide(Given.Call()).Effect);
    }

    [Theory]
    [InlineData("""{"namespace":"shop","namespace":"kube-system"}""", "repeated")]
    [InlineData("""["shop"]""", "not an object")]
    public void Decide_WhenArgumentsAreAmbiguous_Denies(string arguments, string problem)
    {
        var decision = Given.Rules(Given.Allow()).Decide(Given.Call(arguments: arguments));

        Assert.Equal(DecisionEffect.Deny, decision.Effect);
        Assert.Contains(problem, decision.Reason);
    }

    [Fact]
    public void Decide_WhenTheCostIsTooHigh_Denies()
    {
        var list = string.Join(",", Enumerable.Range(0, 500));
        var decision = Given.Rules(Given.Allow($"[{list}].all(a, [{list}].all(b, a + b >= 0))")).Decide(Given.Call());

        Assert.Equal(DecisionEffect.Deny, decision.Effect);
        Assert.Contains("costs more than", decision.Reason);
    }

    [Fact]
    public void Decide_WhenSubjectsNameAgents_CoversThoseAgentsOfThatNamespaceOnly()
    {
        var all = Given.Set(Given.Policy("p", Given.Allow()).About(new PolicySubjects { Agents = ["*"] }));
        var elsewhere = Given.Call() with { Namespace = "other", Agent = new CallAgent("other", "triage") };

        Assert.Equal(DecisionEffect.Allow, all.Decide(Given.Call()).Effect);
        Assert.Equal(DecisionEffect.Deny, all.Decide(elsewhere).Effect);
        Assert.Equal(DecisionEffect.Deny, all.Decide(Given.Call() with { Agent = new CallAgent("other", "triage") }).Effect);
        Assert.Equal(DecisionEffect.Deny, all.Decide(Given.DirectCall()).Effect);
        Assert.Equal(DecisionEffect.Deny, Given.Rules(Given.Allow()).Decide(Given.Call() with { Agent = new CallAgent("default", "other") }).Effect);
    }

    [Fact]
    public void Decide_WhenSubjectsNameUsersOrGroups_CoversDirectCallsOnly()
    {
        var users = Given.Set(Given.Policy("p", Given.Allow()).About(new PolicySubjects { Users = ["you"], Groups = ["castellan:viewers"] }));

        Assert.Equal(DecisionEffect.Allow, users.Decide(Given.DirectCall()).Effect);
        Assert.Equal(DecisionEffect.Deny, users.Decide(Given.Call()).Effect);
        Assert.Equal(DecisionEffect.Deny, users.Decide(Given.DirectCall() with { Principal = new CallPrincipal { User = "other" } }).Effect);
    }

    [Fact]
    public void Decide_WhenAModelIsCalled_SeesTheModel()
    {
        var call = Given.Call() with { Kind = CallKind.Model, Server = null, Tool = null, Effect = null, Arguments = null, Model = new CallModel("Ollama", "qwen3") };

        Assert.Equal(DecisionEffect.Allow, Given.Rules(Given.Allow("call.kind == 'Model' && model.provider == 'Ollama' && call.args == {}")).Decide(call).Effect);
    }
}
