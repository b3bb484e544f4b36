using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.KubeApi.Core;
using Castellan.Policy;
using Microsoft.Extensions.AI;
using CallKind = Castellan.GatewayApi.CallKind;

namespace Castellan.AgentGateway.Tests.Calls;

public class SpineTests : IAsyncLifetime
{
    private GatewayWorld _world = null!;
    private GatewayClient _agent = null!;
    private string _run = "";

    public virtual async Task InitializeAsync()
    {
        _world = await StartWorldAsync();
        _agent = _world.Agent();
        _run = (await _world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;
    }

    public virtual async Task DisposeAsync() => await _world.DisposeAsync();

    private protected virtual Task<GatewayWorld> StartWorldAsync() => GatewayWorld.StartAsync();

    [Fact]
    public async Task Call_WhenPolicyAllows_ReachesTheToolOnceAndIsRecorded()
    {
        var result = await ToolAsync(1, "read", "web");
        Assert.Equal((CallState.Completed, "read done", 1, ToolEffect.Read), (result.State, result.Content!.Text, result.Attempt, result.Effect));
        var hit = Assert.Single(_world.Tools.Hits);
        Assert.Equal(("agent-triage", result.CallId, 1), ((string)hit.Call["agent"]!["serviceAccount"]!, (string)hit.Call["callId"]!, (int)hit.Call["attempt"]!));
        Assert.Equal(["decided", "intent", "completed"], await StagesAsync(result.CallId));
        Assert.True((await _world.You().VerifyAuditAsync(null, default)).Ok);
    }

    [Fact]
    public async Task Call_WhenRepeated_ReturnsTheSameResultWithoutASecondEffect()
    {
        var first = await ToolAsync(1, "restart", "free");
        var again = await ToolAsync(1, "restart", "free");
        Assert.Equal((first.CallId, CallState.Completed, "restart done"), (again.CallId, again.State, again.Content!.Text));
        Assert.Single(_world.Tools.Hits);
        Assert.Equal(again.CallId, (await _agent.GetCallAsync(_run, first.CallId, default)).CallId);
    }

    [Fact]
    public async Task Call_WhenManyAskTheSameAtOnce_HappensOnce()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => ToolAsync(1, "restart", "free")));
        Assert.All(results, r => Assert.Equal(CallState.Completed, r.State));
        Assert.Single(_world.Tools.Hits);
    }

    [Fact]
    public async Task Call_WhenRepeatedWithOtherArguments_IsAConflictAndAudited()
    {
        var first = await ToolAsync(1, "read", "web");
        var e = await Assert.ThrowsAsync<GatewayException>(() => ToolAsync(1, "read", "db"));
        Assert.Equal(409, e.Status);
        Assert.Single(_world.Tools.Hits);
        Assert.Equal(["decided", "intent", "completed", "rejected"], await StagesAsync(first.CallId));
    }

    [Theory]
    [InlineData("remove", "web", "not offered")]
    [InlineData("restart", "core", "'core-stays'")]
    [InlineData("restart", null, "no rule allows")]
    [InlineData("nothing", "web", "not offered")]
    public async Task Call_WhenPolicyDenies_NeverReachesTheTool(string tool, string? name, string reason)
    {
        var result = await ToolAsync(1, tool, name);
        Assert.Equal(CallState.Denied, result.State);
        Assert.Contains(reason, result.Message, StringComparison.Ordinal);
        Assert.Empty(_world.Tools.Hits);
        Assert.Equal(["decided"], await StagesAsync(result.CallId));
        var told = await EventAsync("CallDenied");
        Assert.Equal(("Warning", "Agent", "triage"), (told.Type, told.InvolvedObject.Kind, told.InvolvedObject.Name));
        Assert.Contains($"{tool} is denied", told.Message!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Budget_WhenItIsUsedUp_DeniesWhatComesNextAndIsRecorded()
    {
        await _world.ApplyBudgetAsync("name: two, namespace: default", "{subjects: {agents: [triage]}, per: Session, limits: {calls: 2}}");
        await _world.ReportedAsync("two");
        Assert.Equal(CallState.Completed, (await ToolAsync(1, "read", "web")).State);
        var waiting = await WaitingAsync(2, "web"); // what waits for an approval is held back
        var denied = await ToolAsync(3, "read", "db");
        Assert.Equal((CallState.Denied, "AgentBudget", "default/two"), (denied.State, denied.Rule, denied.Policy));
        Assert.Contains("has 0 of 2 calls left, and 1 is asked for", denied.Message, StringComparison.Ordinal);
        var record = Assert.Single(await _world.You().GetAuditAsync(denied.CallId, default));
        Assert.Equal(("decided", "Deny", "AgentBudget"), (record.Stage, record.Decision, record.Rule));
        Assert.Equal(denied.Message, (await ToolAsync(3, "read", "db")).Message); // the same call again is the same call

        await _world.Approver().DecideApprovalAsync(waiting.CallId, _world.Sign(waiting, verdict: ApprovalVerdict.Refuse), default);
        await EndAsync(waiting.CallId);
        Assert.Equal(CallState.Completed, (await ToolAsync(4, "read", "db")).State); // the refused one used nothing
        var purse = Assert.Single(await _world.You().ListBudgetsAsync(default));
        Assert.Equal(("default/two", 2, 0, 2, null), (purse.Budget, purse.Used.Calls, purse.Reserved.Calls, purse.Limits.Calls, purse.ResetsAt));
        var refused = await Assert.ThrowsAsync<GatewayException>(() => _world.As("stranger").ListBudgetsAsync(default));
        Assert.Equal(403, refused.Status);
        Assert.Equal(2, _world.Tools.Hits.Count);
    }

    [Fact]
    public async Task Budget_WhenARuleNamesIt_DecidesByWhatIsLeft()
    {
        const string When = "budgets[?\"default/two\"].optMap(b, b.callsLeft < 19).orValue(false)";
        await _world.ApplyBudgetAsync("name: two, namespace: default", "{per: Session, limits: {calls: 20}}");
        await ChangeAsync("thrift");
        Assert.Equal(CallState.Completed, (await ToolAsync(1, "read", "web")).State);
        var waiting = await WaitingAsync(2, "web"); // decided while 19 are left
        Assert.Equal("thrift", (await ToolAsync(3, "read", "db")).Rule);
        await ChangeAsync("thrifty");
        await _world.Approver().DecideApprovalAsync(waiting.CallId, _world.Sign(waiting), default);
        Assert.Equal(CallState.Completed, (await EndAsync(waiting.CallId)).State); // policy is asked again, and does not count what the call itself holds back

        async Task ChangeAsync(string rule)
        {
            var before = _world.Policy.Revision;
            await Manifests.ApplyAsync(_world.Cluster.Admin, Manifests.Policy($"    - {{name: {rule}, effect: Deny, when: '{When}'}}"));
            await Eventually.TrueAsync(() => _world.Policy.Revision != before);
        }
    }

    [Fact]
    public async Task Call_WhenTheRunIsAnotherAgents_IsNotFound()
    {
        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.Agent("other").CallAsync(_run, Tool(1, "read", "web"), default));
        Assert.Equal(404, e.Status);
    }

    [Fact]
    public async Task Approval_WhenAnotherPrincipalSigns_LetsExactlyThisCallPass()
    {
        var approval = await WaitingAsync(1, "web");
        Assert.Equal(("you", "restart", "web", ApprovalState.Pending), (approval.OnBehalfOf, approval.Tool, (string)approval.Arguments!["name"]!, approval.State));
        Assert.Empty(_world.Tools.Hits);

        var decided = await _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval), default);
        Assert.Equal((ApprovalState.Approved, "approver"), (decided.State, decided.DecidedBy));
        var result = await EndAsync(approval.CallId);
        Assert.Equal((CallState.Completed, "restart done"), (result.State, result.Content!.Text));
        Assert.Single(_world.Tools.Hits);
        Assert.Equal(["decided", "approved", "intent", "completed"], await StagesAsync(approval.CallId));
    }

    [Fact]
    public async Task Approval_WhenRefused_EndsTheCall()
    {
        var approval = await WaitingAsync(1, "web");
        await _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval, verdict: ApprovalVerdict.Refuse), default);
        Assert.Equal(CallState.Refused, (await EndAsync(approval.CallId)).State);
        Assert.Empty(_world.Tools.Hits);
        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval), default));
        Assert.Equal(409, e.Status);
    }

    [Fact]
    public async Task Confirmation_WhenThePersonSigns_LetsTheCallPassAndNobodyElseCan()
    {
        var waiting = await WaitingAsync(1, "mine");
        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.Approver().DecideApprovalAsync(waiting.CallId, _world.Sign(waiting), default));
        Assert.Equal(403, e.Status);
        Assert.Contains("whom the call is for", e.Message, StringComparison.Ordinal);

        var decided = await _world.You().DecideApprovalAsync(waiting.CallId, _world.Sign(waiting, "you"), default);
        Assert.Equal((ApprovalState.Approved, "you"), (decided.State, decided.DecidedBy));
        Assert.Equal(CallState.Completed, (await EndAsync(waiting.CallId)).State);
        Assert.Equal(["decided", "rejected", "approved", "intent", "completed"], await StagesAsync(waiting.CallId));
    }

    [Fact]
    public async Task Approval_WhenRulesAskForSeveralPeople_WaitsForAllOfThem()
    {
        var waiting = await WaitingAsync(1, "prized");
        Assert.Equal(["group castellan:approvers", "the person it is for", "2 of group dba where approver.user != agent.name"], waiting.Demands.Select(d => d.ToString()));

        await SayAsync("approver", "castellan:approvers");
        await SayAsync("ann", "dba", "castellan:approvers");
        await SayAsync("you", "castellan:operators");
        var e = await Assert.ThrowsAsync<GatewayException>(() => SayAsync("intern", "interns"));
        Assert.Contains("not among those who may decide", e.Message, StringComparison.Ordinal);
        Assert.Equal(ApprovalState.Pending, (await SayAsync("ann", "dba", "castellan:approvers")).State);
        Assert.Empty(_world.Tools.Hits);

        var last = await Task.WhenAll(TrySayAsync("bob"), TrySayAsync("cleo"));
        Assert.Contains(ApprovalState.Approved, last);
        Assert.Equal(CallState.Completed, (await EndAsync(waiting.CallId)).State);
        Assert.Single(_world.Tools.Hits);

        Task<Approval> SayAsync(string user, params string[] groups) =>
            _world.As(user, [.. groups, "castellan:approvers"]).DecideApprovalAsync(waiting.CallId, _world.Sign(waiting, user, groups: groups.Contains("dba") ? ["dba"] : groups), default);

        // The later of two at once may find that the earlier has decided.
        async Task<ApprovalState> TrySayAsync(string user)
        {
            try
            {
                return (await SayAsync(user, "dba")).State;
            }
            catch (GatewayException e) when (e.Status == 409)
            {
                return ApprovalState.Approved;
            }
        }
    }

    [Fact]
    public async Task Approval_WhenNobodyDecidesInTime_Expires()
    {
        var approval = await WaitingAsync(1, "hasty");
        Assert.Equal(CallState.Expired, (await EndAsync(approval.CallId)).State);
        Assert.Empty(_world.Tools.Hits);
        Assert.Equal(["decided", "expired", "completed"], await StagesAsync(approval.CallId));
    }

    [Fact]
    public async Task Approval_WhenStatementsAreNotGood_RefusesEachAndRecordsIt()
    {
        var approval = await WaitingAsync(1, "web");
        var other = await WaitingAsync(2, "db");
        using var foreign = GatewayWorld.SelfSigned();
        var good = _world.Sign(approval);
        var cases = new (GatewayClient By, string Statement, string Why)[]
        {
            (_world.As("you", "castellan:operators", "castellan:approvers"), _world.Sign(approval, "you", groups: "castellan:approvers"), "asked for the call"),
            (_world.As("intern", "castellan:approvers"), _world.Sign(approval, "intern", groups: "interns"), "not among those who may decide"),
            (_world.Approver(), _world.Sign(other), "is about call"),
            (_world.Approver(), _world.Sign(approval with { ArgumentsDigest = other.ArgumentsDigest }), "digest"),
            (_world.Approver(), _world.Sign(approval, "boss"), "handed in by approver"),
            (_world.Approver(), good[..^6] + "AAAAAA", "signature"),
            (_world.Approver(), "not a statement", "JWS"),
        };
        foreach (var (by, statement, why) in cases)
        {
            var e = await Assert.ThrowsAsync<GatewayException>(() => by.DecideApprovalAsync(approval.CallId, statement, default));
            Assert.Equal(403, e.Status);
            Assert.Contains(why, e.Message, StringComparison.Ordinal);
        }

        Assert.Empty(_world.Tools.Hits);
        Assert.Equal(ApprovalState.Pending, (await _world.Approver().GetApprovalAsync(approval.CallId, default)).State);
        Assert.Equal(cases.Length, (await StagesAsync(approval.CallId)).Count(s => s == "rejected"));
    }

    [Fact]
    public async Task Approval_WhenUserLacksTheRole_IsForbidden()
    {
        var approval = await WaitingAsync(1, "web");
        var e = await Assert.ThrowsAsync<GatewayException>(() => _world.You().DecideApprovalAsync(approval.CallId, _world.Sign(approval, "you"), default));
        Assert.Equal(403, e.Status);
        Assert.Contains("may not create approvals", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approval_WhenPolicyNowDenies_IsCheckedAgainAtTheEffect()
    {
        var approval = await WaitingAsync(1, "web");
        await Manifests.ApplyAsync(_world.Cluster.Admin, Manifests.Policy("    - {name: freeze, effect: Deny, when: 'call.tool == \"restart\"'}"));
        await Eventually.TrueAsync(() => _world.Policy.Decide(Questions.Restart("free")).Rule == "freeze");
        await _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval), default);
        var result = await EndAsync(approval.CallId);
        Assert.Equal(CallState.Denied, result.State);
        Assert.Contains("freeze", result.Message, StringComparison.Ordinal);
        Assert.Empty(_world.Tools.Hits);
    }

    [Fact]
    public async Task Session_WhenARuleLimitsItsWrites_LetsNoParallelCallPastTheLimit()
    {
        await Manifests.ApplyAsync(_world.Cluster.Admin, Manifests.Policy("    - {name: few, effect: Deny, when: 'call.effect == \"Write\" && (session.writes >= 2 || session.tools[?\"ops__restart\"].orValue(0) >= 2)'}"));
        await Eventually.TrueAsync(() => _world.Policy.Decide(Questions.Restart("free") with { Session = new(2, new CallSession { Writes = 2 }) }).Rule == "few");
        Assert.Equal(CallState.Completed, (await ToolAsync(1, "read", "web")).State);

        var results = await Task.WhenAll(Enumerable.Range(2, 10).Select(sequence => ToolAsync(sequence, "restart", "free")));

        Assert.Equal(2, results.Count(r => r.State == CallState.Completed));
        Assert.All(results.Where(r => r.State != CallState.Completed), r => Assert.Equal((CallState.Denied, "few"), (r.State, r.Rule)));
        Assert.Equal(2, _world.Tools.Hits.Count(hit => hit.Tool == "restart"));
        var again = (await _world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;
        Assert.Equal(CallState.Completed, (await _agent.CallAsync(again, Tool(1, "restart", "free"), default)).State); // another session
    }

    [Fact]
    public async Task Approval_WhenTheToolChangedItsDefinition_IsCheckedAgainAtTheEffect()
    {
        var approval = await WaitingAsync(1, "web");
        var before = _world.Digest("restart");
        _world.Tools.Behavior.Tools = [.. _world.Tools.Behavior.Tools.Where(t => t.Name != "restart"), TestToolServerBehavior.Tool("restart", "Does more than it said.")];
        await _world.Tools.ToolsChangedAsync();
        await Eventually.TrueAsync(() => _world.Digest("restart") != before);
        await _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval), default);
        Assert.Contains("its definition changed", (await EndAsync(approval.CallId)).Message, StringComparison.Ordinal);
        Assert.Empty(_world.Tools.Hits);
    }

    [Fact]
    public async Task Approval_WhenTheAgentsSpecAsksForIt_IsNeededEvenWherePolicyAllows()
    {
        var result = await ToolAsync(1, "scale", "web");
        Assert.Equal(CallState.AwaitingApproval, result.State);
        Assert.Contains("castellan approve " + result.CallId, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WhenPolicyObliges_GoesOnWithoutWhatIsTakenOutAndWithTheHeader()
    {
        var asked = new CallRequest { Sequence = 1, Kind = CallKind.Tool, Tool = new ToolCall("ops__read", new JsonObject { ["name"] = "vault", ["password"] = "hunter2" }) };
        var result = await _agent.CallAsync(_run, asked, default);
        await ToolAsync(2, "read", "web");
        Assert.Equal(CallState.Completed, result.State);
        Assert.Equal(["[redacted]", null], _world.Tools.Hits.Select(hit => (string?)hit.Arguments["password"]));
        Assert.Equal([true, false], _world.Tools.Hits.Select(hit => hit.Request!.Headers.Contains("X-Ticket: CHG-1", StringComparison.Ordinal)));

        Assert.Equal(result.CallId, (await _agent.CallAsync(_run, asked, default)).CallId);
        var decided = (await _world.You().GetAuditAsync(result.CallId, default))[0].Record;
        Assert.Contains("send the header X-Ticket", decided["why"]!["obligations"]!.ToJsonString(), StringComparison.Ordinal);
        var other = asked with { Tool = new ToolCall("ops__read", new JsonObject { ["name"] = "vault", ["password"] = "other" }) };
        Assert.Equal(409, (await Assert.ThrowsAsync<GatewayException>(() => _agent.CallAsync(_run, other, default))).Status);
    }

    [Fact]
    public async Task ModelCall_WhenAllowed_AnswersFromTheRunbook()
    {
        var request = new CallRequest { Sequence = 1, Kind = CallKind.Model, Model = new ModelCall([new ChatMessage(ChatRole.User, "why?")], [new ToolDescription("ops__read", "Reads.", JsonElement.Parse("{}"))]) };
        var result = await _agent.CallAsync(_run, request, default);
        Assert.Equal(CallState.Completed, result.State);
        var call = Assert.IsType<FunctionCallContent>(result.Response!.Messages.SelectMany(m => m.Contents).First(c => c is FunctionCallContent));
        Assert.Equal("ops__read", call.Name);
        Assert.Equal(1, (await _world.You().GetRunAsync(_run, default)).Turns);
    }

    [Fact]
    public async Task Audit_WhenArgumentsHoldASecret_NeverShowsIt()
    {
        var result = await _agent.CallAsync(_run, new CallRequest { Sequence = 1, Kind = CallKind.Tool, Tool = new ToolCall("ops__read", new JsonObject { ["password"] = "hunter2" }) }, default);
        var records = await _world.You().GetAuditAsync(result.CallId, default);
        Assert.DoesNotContain(records, r => r.Record.ToJsonString().Contains("hunter2", StringComparison.Ordinal));
    }

    private Task<CallResult> ToolAsync(long sequence, string tool, string? name) => _agent.CallAsync(_run, Tool(sequence, tool, name), default);

    private static CallRequest Tool(long sequence, string tool, string? name) => new()
    {
        Sequence = sequence,
        Kind = CallKind.Tool,
        Tool = new ToolCall($"ops__{tool}", name is null ? [] : new JsonObject { ["name"] = name }),
    };

    private async Task<Approval> WaitingAsync(long sequence, string name)
    {
        var waiting = await ToolAsync(sequence, "restart", name);
        Assert.True(waiting.State == CallState.AwaitingApproval, $"{waiting.Message} {string.Join(";", _world.Gateway.PolicyFaults)}");
        return await _world.Approver().GetApprovalAsync(waiting.CallId, default);
    }

    private async Task<CallResult> EndAsync(string callId)
    {
        CallResult? result = null;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (result is not { Ended: true })
        {
            result = await _agent.GetCallAsync(_run, callId, deadline.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }

        return result;
    }

    private async Task<Event> EventAsync(string reason)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if ((await _world.Cluster.Admin.ListAsync<Event>("default", ct: deadline.Token)).Items.FirstOrDefault(e => e.Reason == reason) is { } found)
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }

    private async Task<List<string>> StagesAsync(string callId) => [.. (await _world.You().GetAuditAsync(callId, default)).Select(r => r.Stage)];
}
