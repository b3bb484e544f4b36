using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.Policy;

namespace Castellan.Cli.Demo.Evil;

/// <summary>Attacks on a person's yes: giving it to itself, using it for something else, using it again.</summary>
internal sealed class ApprovalAttacks(string edge)
{
    private const string Approved = "200";

    private Approval? _unapproved;
    private string? _run;
    private string? _statement;

    public async Task SelfApproveAsync(EvilStage stage, CancellationToken ct)
    {
        var run = await stage.StartAsync(EvilStage.You, EvilStage.Agent, $"self-approve edge={edge}", ct);
        await stage.JudgeAsync(EvilStage.You, run, ct);
        _unapproved = await stage.PendingAsync(run, ct);
        await stage.TurnedAwayAsync(EvilStage.SpiffeId, $"agents have no POST /v1/approvals/{_unapproved.CallId}", ct);
        await stage.TurnedAwayAsync("unauthenticated", "the bearer token is not valid", ct);
        await stage.Stage.RunAsync(ct, ExitCode.Failure, "approve", _unapproved.CallId); // nor may the person it works for
        await stage.RecordAsync("the requester's approval rejected", r => r is { Stage: "rejected", Kind: "tool" } && r.CallId == _unapproved.CallId, ct);
        stage.Expect("the ledger's limit", await LimitAsync(stage, ct) == "100", await LimitAsync(stage, ct));
    }

    public async Task SwapAsync(EvilStage stage, CancellationToken ct)
    {
        _run = await stage.StartAsync(EvilStage.You, EvilStage.Agent, $"swap limit={Approved}", ct);
        var pending = await stage.PendingAsync(_run, ct);
        await stage.RecordAsync("other arguments under the same identity rejected", r => r is { Stage: "rejected", Kind: "tool" } && r.CallId == pending.CallId, ct);
        _statement = stage.Sign(pending, ApprovalVerdict.Approve);
        using (var approver = stage.Gateway(EvilStage.Approver))
        {
            stage.Tell("approver", $"castellan approve {pending.CallId} --as approver", pending.Arguments!.ToJsonString());
            await approver.Client.DecideApprovalAsync(pending.CallId, _statement, ct);
        }

        await stage.JudgeAsync(EvilStage.You, _run, ct);
        var intent = await stage.RecordAsync("the approved call's intent", r => r.Stage == "intent" && r.CallId == pending.CallId, ct);
        var ran = (string?)intent?.Record["what"]?["argumentsDigest"] ?? "";
        stage.Expect("what ran has the digest that was approved", ran == pending.ArgumentsDigest, ran);
        stage.Expect("the ledger's limit", await LimitAsync(stage, ct) == Approved, await LimitAsync(stage, ct));
        await RefuseAsync(stage, await stage.PendingAsync(_run, ct), ct); // the new call needs a yes of its own, and does not get it
    }

    public async Task ReplayAsync(EvilStage stage, CancellationToken ct)
    {
        await stage.AttackAsync(EvilStage.You, $"replay run={_run} limit={Approved} edge={edge}", ct);
        await stage.TurnedAwayAsync(EvilStage.SpiffeId, $"no open run '{_run}'", ct);
        await stage.TurnedAwayAsync("unauthenticated", "the bearer token is not valid", ct);

        // Somebody who even has the approver's bearer token and an old statement, but not their key.
        var answer = await HandInAsync(stage, _unapproved!.CallId, _statement!, ct);
        stage.Expect("the approver's old statement, handed in with their stolen token for another call", answer.StartsWith("HTTP 403", StringComparison.Ordinal), answer);
        await stage.RecordAsync("the replayed statement rejected", r => r is { Stage: "rejected", Kind: "tool" } && r.CallId == _unapproved.CallId, ct);
        await RefuseAsync(stage, _unapproved, ct);
    }

    // The control: the approver's own, fresh word counts.
    private static async Task RefuseAsync(EvilStage stage, Approval approval, CancellationToken ct)
    {
        var answer = await HandInAsync(stage, approval.CallId, stage.Sign(approval, ApprovalVerdict.Refuse), ct);
        stage.Expect("the approver's own word on that call: refused", answer == nameof(ApprovalState.Refused), answer);
    }

    private static async Task<string> HandInAsync(EvilStage stage, string callId, string statement, CancellationToken ct)
    {
        try
        {
            using var approver = stage.Gateway(EvilStage.Approver);
            return (await approver.Client.DecideApprovalAsync(callId, statement, ct)).State.ToString();
        }
        catch (GatewayException e)
        {
            return $"HTTP {e.Status}: {e.Problem.Detail}";
        }
    }

    private static async Task<string> LimitAsync(EvilStage stage, CancellationToken ct)
    {
        using var cluster = ClusterAccess.Open(CastellanCommand.Create().Parse(["status", "--state", stage.Stage.Paths.Root]));
        var ledger = await cluster.Connection.GetAsync<Deployment>(new NamespacedName("bank", "ledger"), ct);
        return ledger.Spec.Template.Spec.Containers[0].Env?.FirstOrDefault(e => e.Name == "LIMIT")?.Value ?? "";
    }
}
