using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests.Approvals;

public sealed class ApprovalRulesTests
{
    private static readonly Decision Wanted = new()
    {
        Effect = DecisionEffect.RequireApproval,
        Reason = "",
        Revision = "sha256:1",
        Approvers = [new ApproverSet { Users = ["boss"], Groups = ["castellan:approvers"] }],
        ExpiresAfterSeconds = 600,
    };

    private static ApprovalRequest Request => ApprovalRequest.Of("call-1", "sha256:00", Given.Call(), Wanted);

    [Fact]
    public void Check_WhenAnotherPersonOfTheSetApproves_Accepts()
    {
        Assert.True(Check(Approval("approver", "castellan:approvers")).IsAccepted);
        Assert.True(Check(Approval("boss")).IsAccepted);
    }

    [Theory]
    [InlineData("you", "asked for the call")]
    [InlineData("You", "asked for the call")]
    [InlineData("spiffe://castellan.local/ns/default/sa/agent-triage", "is a workload")]
    [InlineData("system:serviceaccount:default:agent-triage", "is a workload")]
    [InlineData("stranger", "not among the approvers")]
    public void Check_WhenTheWrongOneApproves_Refuses(string user, string reason)
    {
        var groups = user == "stranger" ? Array.Empty<string>() : ["castellan:approvers"];

        Refused(Check(Approval(user, groups)), reason);
    }

    [Fact]
    public void Check_WhenTheDirectCallerApproves_Refuses()
    {
        var request = ApprovalRequest.Of("call-1", "sha256:00", Given.DirectCall(), Wanted);

        Refused(ApprovalRules.Check(request, Approval("you", "castellan:approvers"), Given.Noon), "asked for the call");
    }

    [Fact]
    public void Check_WhenCallOrArgumentsDiffer_Refuses()
    {
        var approval = Approval("boss");

        Refused(Check(approval with { Statement = approval.Statement with { CallId = "call-2" } }), "about call 'call-2'");
        Refused(Check(approval with { Statement = approval.Statement with { ArgumentsDigest = "sha256:ff" } }), "digest sha256:ff");
        Refused(Check(approval with { User = "castellan" }), "signed for 'boss'");
    }

    [Fact]
    public void Check_WhenItIsTooLate_Refuses()
    {
        Refused(ApprovalRules.Check(Request, Approval("boss"), Given.Noon.AddMinutes(10)), "stopped waiting");
        Refused(ApprovalRules.Check(Request, Approval("boss"), Given.Noon.AddMinutes(6)), "expired");
    }

    [Fact]
    public void Check_WhenSeveralRulesAsk_TheApproverMustBeNamedByEach()
    {
        var request = Request with { Approvers = [new ApproverSet { Groups = ["sre"] }, new ApproverSet { Groups = ["dba"] }] };

        Assert.False(ApprovalRules.Check(request, Approval("boss", "sre"), Given.Noon).IsAccepted);
        Assert.True(ApprovalRules.Check(request, Approval("boss", "sre", "dba"), Given.Noon).IsAccepted);
        Assert.False(ApprovalRules.Check(request with { Approvers = [] }, Approval("boss", "sre"), Given.Noon).IsAccepted);
    }

    [Fact]
    public void Of_WhenNoApprovalIsAskedFor_Throws() =>
        Assert.Throws<ArgumentException>(() => ApprovalRequest.Of("c", "d", Given.Call(), Wanted with { Effect = DecisionEffect.Allow }));

    private static VerifiedApproval Approval(string user, params string[] groups) =>
        new(new ApprovalStatement("call-1", "sha256:00", ApprovalVerdict.Approve, user, Given.Noon, Given.Noon.AddMinutes(5)), user, groups);

    private static ApprovalCheck Check(VerifiedApproval approval) => ApprovalRules.Check(Request, approval, Given.Noon);

    private static void Refused(ApprovalCheck check, string reason)
    {
        Assert.False(check.IsAccepted);
        Assert.Contains(reason, check.Reason);
    }
}
