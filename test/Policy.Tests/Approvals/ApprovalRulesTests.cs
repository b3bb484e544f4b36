namespace Castellan.Policy.Tests.Approvals;

public sealed class ApprovalRulesTests
{
    private static readonly ApprovalDemand Boss = new() { Kind = ApprovalKind.Approval, Policy = "default/p", Rule = "boss", Users = ["boss"], Groups = ["castellan:approvers"] };
    private static readonly ApprovalDemand Confirmation = new() { Kind = ApprovalKind.Confirmation, Policy = "default/p", Rule = "sure" };

    [Fact]
    public void Check_WhenAnotherPersonOfTheSetApproves_Accepts()
    {
        Assert.True(Check(Request(Boss), Says("approver", "castellan:approvers")).IsAccepted);
        Assert.True(Check(Request(Boss), Says("boss")).IsAccepted);
    }

    [Theory]
    [InlineData("you", "asked for the call")]
    [InlineData("You", "asked for the call")]
    [InlineData("spiffe://castellan.local/ns/default/sa/agent-triage", "is a workload")]
    [InlineData("system:serviceaccount:default:agent-triage", "is a workload")]
    [InlineData("stranger", "not among those who may decide; ask boss, group castellan:approvers")]
    public void Check_WhenTheWrongOneApproves_Refuses(string user, string reason)
    {
        var groups = user == "stranger" ? Array.Empty<string>() : ["castellan:approvers"];

        Refused(Check(Request(Boss), Says(user, groups)), reason);
    }

    [Fact]
    public void Check_WhenTheDirectCallerApproves_Refuses() =>
        Refused(Check(Request(Boss) with { Call = Given.DirectCall() }, Says("you", "castellan:approvers")), "asked for the call");

    [Fact]
    public void Check_WhenCallOrArgumentsDiffer_Refuses()
    {
        var said = Says("boss");

        Refused(Check(Request(Boss), said with { Statement = said.Statement with { CallId = "call-2" } }), "about call 'call-2'");
        Refused(Check(Request(Boss), said with { Statement = said.Statement with { ArgumentsDigest = "sha256:ff" } }), "digest sha256:ff");
        Refused(Check(Request(Boss), said with { User = "castellan" }), "signed for 'boss'");
    }

    [Fact]
    public void Check_WhenItIsTooLate_Refuses()
    {
        Refused(ApprovalRules.Check(Request(Boss), Says("boss"), Given.Noon.AddMinutes(10)), "stopped waiting");
        Refused(ApprovalRules.Check(Request(Boss), Says("boss"), Given.Noon.AddMinutes(6)), "expired");
    }

    [Fact]
    public void Check_WhenAConfirmationIsAskedFor_AcceptsThePersonTheCallIsForAlone()
    {
        Assert.True(Check(Request(Confirmation), Says("you")).IsAccepted);
        Assert.True(Check(Request(Confirmation) with { Call = Given.DirectCall() }, Says("you")).IsAccepted);
        Refused(Check(Request(Confirmation), Says("boss", "castellan:approvers")), "ask 'you', whom the call is for");
        Refused(Check(Request(Confirmation), Says("YOU")), "asked for the call");
        Refused(Check(Request(Confirmation), Says("spiffe://castellan.local/ns/default/sa/agent-triage")), "is a workload");
    }

    [Fact]
    public void Tally_WhenConfirmationAndApprovalAreAskedFor_NeedsBoth()
    {
        var request = Request(Confirmation, Boss);

        Assert.False(ApprovalRules.Tally(request, [Says("you")]).IsMet);
        Assert.Equal(Confirmation, Assert.Single(ApprovalRules.Tally(request, [Says("boss")]).Open).Demand);
        Assert.True(ApprovalRules.Tally(request, [Says("boss"), Says("you")]).IsMet);
    }

    [Fact]
    public void Tally_WhenSeveralRulesAsk_EachIsMetByItsOwnApprovers()
    {
        var request = Request(Boss with { Users = [], Groups = ["sre"] }, Boss with { Users = [], Groups = ["dba"] });

        Assert.False(ApprovalRules.Tally(request, [Says("ann", "sre")]).IsMet);
        Assert.True(ApprovalRules.Tally(request, [Says("ann", "sre"), Says("bob", "dba")]).IsMet);
        Assert.True(ApprovalRules.Tally(request, [Says("ann", "sre", "dba")]).IsMet);
        Assert.False(ApprovalRules.Tally(Request(), [Says("ann", "sre")]).IsMet);
    }

    [Fact]
    public void Tally_WhenAQuorumIsAskedFor_CountsEachPersonOnce()
    {
        var request = Request(Boss with { Users = [], Groups = ["dba"], Quorum = 2 });

        Assert.Equal(1, Assert.Single(ApprovalRules.Tally(request, [Says("ann", "dba"), Says("ANN", "dba")]).Open).Missing);
        Assert.False(ApprovalRules.Tally(request, [Says("ann", "dba"), Says("you", "dba")]).IsMet);
        Assert.True(ApprovalRules.Tally(request, [Says("ann", "dba"), Says("bob", "dba")]).IsMet);
    }

    [Fact]
    public void Tally_WhenOneOfThemRefuses_IsRefused()
    {
        var no = Says("bob", "castellan:approvers");
        no = no with { Statement = no.Statement with { Decision = ApprovalVerdict.Refuse } };

        var tally = ApprovalRules.Tally(Request(Boss), [Says("boss"), no]);

        Assert.Equal((false, "bob"), (tally.IsMet, tally.RefusedBy));
    }

    [Theory]
    [InlineData("'dba' in approver.groups", true)]
    [InlineData("approver.user != onBehalfOf.user && call.tool == 'restart' && 'dba' in approver.groups", true)]
    [InlineData("approver.groups.exists(g, g == call.args.namespace)", false)]
    [InlineData("approver.user.startsWith(call.args.missing)", false)]
    public void Check_WhenAConditionIsAskedFor_AcceptsThoseOfWhomItHolds(string condition, bool holds) =>
        Assert.Equal(holds, Check(Request(Boss with { Users = [], Groups = [], When = condition }), Says("ann", "dba")).IsAccepted);

    [Fact]
    public void Check_WhenAConditionStandsBesideNames_BothMustHold()
    {
        var demand = Boss with { When = "approver.user != 'boss'" };

        Refused(Check(Request(demand), Says("boss")), "of whom holds: approver.user != 'boss'");
        Assert.True(Check(Request(demand), Says("ann", "castellan:approvers")).IsAccepted);
        Refused(Check(Request(demand), Says("ann", "dba")), "not among those who may decide");
        Refused(Check(Request(demand with { When = "call.args.nothing == approver.user" }), Says("boss")), "cannot be told: ");
    }

    private static ApprovalRequest Request(params ApprovalDemand[] demands) =>
        new() { CallId = "call-1", ArgumentsDigest = "sha256:00", Call = Given.Call(), Demands = demands, ExpiresAt = Given.Noon.AddMinutes(10) };

    private static VerifiedApproval Says(string user, params string[] groups) =>
        new(new ApprovalStatement("call-1", "sha256:00", ApprovalVerdict.Approve, user, Given.Noon, Given.Noon.AddMinutes(5)), user, groups);

    private static ApprovalCheck Check(ApprovalRequest request, VerifiedApproval said) => ApprovalRules.Check(request, said, Given.Noon);

    private static void Refused(ApprovalCheck check, string reason)
    {
        Assert.False(check.IsAccepted);
        Assert.Contains(reason, check.Reason);
    }
}
