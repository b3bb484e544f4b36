using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests.Decisions;

public sealed class ClusterPolicyTests
{
    private const string Triage = "spiffe://castellan.local/ns/default/sa/agent-triage";

    [Fact]
    public void Decide_WhenAClusterPolicyDenies_NothingInTheNamespaceAllowsIt()
    {
        var set = PolicySet.Compile([Given.Policy("p", Given.Allow())], [Cluster("guard", new() { Agents = ["*"] }, Given.Deny("call.tool == 'restart'"))]);

        var decision = set.Decide(Given.Call());

        Assert.Equal((DecisionEffect.Deny, "guard", "deny"), (decision.Effect, decision.Policy, decision.Rule));
        Assert.Equal(DecisionEffect.Allow, set.Decide(Given.Call("list")).Effect);
    }

    [Fact]
    public void Decide_WhenAClusterPolicyNamesNamespaces_HoldsThereAlone()
    {
        var guard = Cluster("guard", new() { Agents = ["triage"] }, Given.Allow());
        guard.Spec.Namespaces = ["default", "shop"];
        var set = PolicySet.Compile([], [guard]);

        Assert.Equal(DecisionEffect.Allow, set.Decide(Given.Call()).Effect);
        Assert.Equal(DecisionEffect.Allow, set.Decide(Given.Call() with { Namespace = "shop", Agent = new CallAgent("shop", "triage") }).Effect);
        Assert.Equal(DecisionEffect.Deny, set.Decide(Given.Call() with { Namespace = "bank", Agent = new CallAgent("bank", "triage") }).Effect);
    }

    [Theory]
    [InlineData(Triage, true)]
    [InlineData("spiffe://castellan.local/ns/default/sa/agent-*", true)]
    [InlineData("spiffe://castellan.local/ns/*/sa/agent-triage", true)]
    [InlineData("spiffe://castellan.local/ns/shop/sa/*", false)]
    [InlineData("spiffe://castellan.local/ns/default/sa/agent-tri", false)]
    [InlineData("spiffe://castellan.local/ns/default/sa/AGENT-*", false)]
    [InlineData("*", true)]
    public void Decide_WhenSubjectsNameSpiffeIds_CoversThoseThatMatch(string pattern, bool covers)
    {
        var subjects = new PolicySubjects { SpiffeIds = [pattern] };

        foreach (var set in (PolicySet[])[PolicySet.Compile([], [Cluster("c", subjects, Given.Allow())]), Given.Set(Given.Policy("p", Given.Allow()).About(subjects))])
        {
            Assert.Equal(covers ? DecisionEffect.Allow : DecisionEffect.Deny, set.Decide(Given.Call()).Effect);
        }
    }

    [Fact]
    public void Decide_WhenAPolicyIsInAuditMode_SaysWhatItWouldHaveDecidedAndDecidesWithoutIt()
    {
        var audited = Given.Policy("audited", Given.Deny("call.tool == 'restart'"), Given.Approval("call.tool == 'scale'"));
        audited.Spec.Enforcement = PolicyEnforcement.Audit;
        var set = Given.Set(Given.Policy("p", Given.Allow()), audited);

        var restart = set.Decide(Given.Call());
        Assert.Equal((DecisionEffect.Allow, DecisionEffect.Deny, "default/audited"), (restart.Effect, restart.IfEnforced!.Effect, restart.IfEnforced.Policy));
        Assert.Equal(DecisionEffect.RequireApproval, set.Decide(Given.Call("scale")).IfEnforced!.Effect);
        Assert.Null(set.Decide(Given.Call("list")).IfEnforced);
        Assert.True(set.MayAllow(Given.Call()));
    }

    [Fact]
    public void Decide_WhenOnlyAnAuditedPolicyCovers_DeniesAndSaysThatItWouldAllow()
    {
        var audited = Given.Policy("audited", Given.Allow());
        audited.Spec.Enforcement = PolicyEnforcement.Audit;

        var decision = Given.Set(audited).Decide(Given.Call());

        Assert.Equal((DecisionEffect.Deny, DecisionEffect.Allow), (decision.Effect, decision.IfEnforced!.Effect));
        Assert.False(Given.Set(audited).MayAllow(Given.Call()));
    }

    [Fact]
    public void Decide_WhenAConfirmationIsAskedFor_AnApprovalBesideNamesTheDecision()
    {
        var confirmation = new PolicyRule { Name = "sure", Effect = PolicyEffect.RequireConfirmation, ExpiresAfterSeconds = 30 };

        var alone = Given.Rules(Given.Allow(), confirmation).Decide(Given.Call());
        Assert.Equal((DecisionEffect.RequireConfirmation, "sure", 30), (alone.Effect, alone.Rule, alone.ExpiresAfterSeconds));
        Assert.Equal(ApprovalKind.Confirmation, Assert.Single(alone.Demands).Kind);

        var both = Given.Rules(confirmation, Given.Approval()).Decide(Given.Call());
        Assert.Equal((DecisionEffect.RequireApproval, "approval", 2), (both.Effect, both.Rule, both.Demands.Count));
        Assert.Equal(DecisionEffect.Deny, Given.Rules(confirmation, Given.Deny()).Decide(Given.Call()).Effect);
    }

    [Theory]
    [InlineData("approver.user != ''", null)]
    [InlineData("approver.usr != ''", "default/p, rule approval, at 1:10: in approvers.when: ")]
    public void Compile_WhenTheConditionOverApproversIsFaulty_SaysWhere(string condition, string? problem)
    {
        var rule = Given.Approval();
        rule.Approvers = new ApproverSet { When = condition };

        var faults = PolicySet.Compile([Given.Policy("p", rule)]).Faults;

        if (problem is null) Assert.Empty(faults);
        else Assert.Contains(problem, Assert.Single(faults).ToString());
    }

    private static ClusterAgentPolicy Cluster(string name, PolicySubjects subjects, params PolicyRule[] rules) => new()
    {
        Metadata = new() { Name = name },
        Spec = new ClusterAgentPolicySpec { Subjects = subjects, Rules = rules },
    };
}
