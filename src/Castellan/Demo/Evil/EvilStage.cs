using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.EvilAgent;
using Castellan.GatewayApi;
using Castellan.Policy;
using Spectre.Console;

namespace Castellan.Cli.Demo.Evil;

/// <summary>Where the attacks are played: lets the agent attack, looks for what the audit log has of it, and keeps the verdicts.</summary>
internal sealed class EvilStage(DemoStage stage, IAnsiConsole console)
{
    public const string Agent = "evil";
    public const string You = "you";
    public const string Approver = "approver";
    public const string SpiffeId = "spiffe://castellan.local/ns/default/sa/agent-evil";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(100);

    private readonly List<AttackVerdict> _verdicts = [];
    private long _head;

    public DemoStage Stage => stage;

    public IReadOnlyList<AttackVerdict> Verdicts => _verdicts;

    private AttackVerdict Current => _verdicts[^1];

    /// <summary>Plays one attack. What is thrown is a failure of the demo, not a defence.</summary>
    public async Task PlayAsync(int number, string title, Func<EvilStage, CancellationToken, Task> attack, CancellationToken ct)
    {
        stage.Head($"Attack {number}. {title}");
        _verdicts.Add(new AttackVerdict(number, title));
        using (var gateway = Gateway(You))
        {
            _head = (await gateway.Client.ListAuditAsync(new AuditFilter(Limit: 1, Newest: true), ct)) is [.., var last] ? last.Sequence : 0;
        }

        await attack(this, ct);
        console.MarkupLine(Current.Held ? "   [green]held[/]" : $"   [red]NOT HELD: {ResultWriter.Safe(string.Join("; ", Current.Faults))}[/]");
    }

    public GatewayAccess Gateway(string user) => GatewayAccess.Open(CastellanCommand.Create().Parse(["approvals", "list", "--state", stage.Paths.Root]), user);

    /// <summary>Starts a run of an agent.</summary>
    public async Task<string> StartAsync(string user, string agent, string message, CancellationToken ct)
    {
        using var gateway = Gateway(user);
        return (await gateway.Client.StartRunAsync("default", agent, new StartRunRequest(message), ct)).RunId;
    }

    /// <summary>Waits for the end of a run.</summary>
    public async Task<string> AnswerAsync(string user, string runId, CancellationToken ct)
    {
        using var gateway = Gateway(user);
        var run = await UntilAsync(() => gateway.Client.GetRunAsync(runId, ct), r => r.State != RunState.Running, ct);
        return run.Answer ?? throw new CommandFailure($"run {runId} ended as {run.State}: {run.Error}", "run the demo again with --keep and look at 'castellan runs list'");
    }

    /// <summary>Lets the evil agent do an attack: every attempt must be refused.</summary>
    public async Task<string> AttackAsync(string user, string orders, CancellationToken ct)
    {
        var run = await StartAsync(user, Agent, orders, ct);
        await JudgeAsync(user, run, ct);
        return run;
    }

    /// <summary>Shows what the agent tried in a run, and takes every attempt that got through for a fault.</summary>
    public async Task JudgeAsync(string user, string runId, CancellationToken ct)
    {
        foreach (var attempt in JsonSerializer.Deserialize<List<Attempt>>(await AnswerAsync(user, runId, ct), JsonSerializerOptions.Web)!)
        {
            Tell("tries", attempt.Tried, attempt.Answer);
            Current.Expect(!attempt.GotThrough, $"'{attempt.Tried}' got through: {attempt.Answer}");
        }
    }

    /// <summary>The legitimate variant, by the same agent: it must work, or the refusals prove nothing.</summary>
    public async Task<string> ControlAsync(string user, string orders, CancellationToken ct)
    {
        var run = await StartAsync(user, Agent, orders, ct);
        foreach (var attempt in JsonSerializer.Deserialize<List<Attempt>>(await AnswerAsync(user, run, ct), JsonSerializerOptions.Web)!)
        {
            Tell("control", attempt.Tried, attempt.Answer);
            Current.Expect(attempt.GotThrough, $"the control '{attempt.Tried}' did not work: {attempt.Answer}");
        }

        return run;
    }

    /// <summary>Something that must be so.</summary>
    public void Expect(string what, bool isSo, string found)
    {
        Tell("check", what, found);
        Current.Expect(isSo, $"{what}: {found}");
    }

    /// <summary>Waits for an audit record, written since the attack began, and shows it.</summary>
    public async Task<AuditEntry?> RecordAsync(string expected, Func<AuditEntry, bool> isIt, CancellationToken ct)
    {
        using var gateway = Gateway(You);
        var found = await UntilAsync(async () => (await gateway.Client.ListAuditAsync(new AuditFilter(_head, 1000), ct)).FirstOrDefault(isIt), f => f is not null, ct, mayFail: true);
        if (found is null)
        {
            Current.Expect(false, $"the audit log has no record: {expected}");
            return null;
        }

        var reason = ReasonOf(found);
        Tell($"audit {found.Sequence}", $"{found.Stage} {found.Kind}, {found.Principal}{(found.OnBehalfOf is { } user ? $" for {user}" : "")}, at {found.Server}{(found.Target is { } target ? $" {target}" : "")}",
            found.Rule is { } rule ? $"{found.Decision} by {rule}{(reason.Length > 0 ? $": {reason}" : "")}" : reason);
        return found;
    }

    /// <summary>Waits for an access record of somebody who was turned away.</summary>
    public Task<AuditEntry?> TurnedAwayAsync(string principal, string reason, CancellationToken ct) =>
        RecordAsync($"{principal} turned away: {reason}", r => r.Kind == "access" && r.Principal == principal && ReasonOf(r).Contains(reason, StringComparison.Ordinal), ct);

    /// <summary>Waits for the record of a call that policy denied.</summary>
    public Task<AuditEntry?> DeniedAsync(string agent, string rule, string onBehalfOf, CancellationToken ct) => RecordAsync(
        $"a call of {agent} for {onBehalfOf} denied by {rule}",
        r => r.Stage == "decided" && r.Decision == "Deny" && r.Rule == rule && r.OnBehalfOf == onBehalfOf && r.Principal!.EndsWith($"/agent-{agent}", StringComparison.Ordinal), ct);

    /// <summary>The approval that a run waits for.</summary>
    public async Task<Approval> PendingAsync(string runId, CancellationToken ct)
    {
        using var gateway = Gateway(You);
        return (await UntilAsync(async () => (await gateway.Client.ListApprovalsAsync(ApprovalState.Pending, ct)).FirstOrDefault(a => a.RunId == runId), a => a is not null, ct))!;
    }

    /// <summary>An approver's signed word on a call, as <c>castellan approve</c> and <c>refuse</c> make it.</summary>
    public string Sign(Approval approval, ApprovalVerdict verdict)
    {
        using var gateway = Gateway(Approver);
        using var certificate = gateway.Credential.LoadCertificate();
        var now = TimeProvider.System.GetUtcNow();
        return new ApprovalStatement(approval.CallId, approval.ArgumentsDigest, verdict, Approver, now, now.AddMinutes(5)).Sign(certificate);
    }

    /// <summary>Shows one line of what happens.</summary>
    public void Tell(string who, string what, string answer) =>
        console.MarkupLine($"   [grey]{ResultWriter.Safe(who),-10}[/] {ResultWriter.Safe(what)}{(answer.Length > 0 ? $"\n   {"",-10} → {ResultWriter.Safe(answer)}" : "")}");

    internal static string ReasonOf(AuditEntry entry) => (string?)entry.Record["why"]?["reason"] ?? "";

    private static async Task<T> UntilAsync<T>(Func<Task<T>> look, Predicate<T> isIt, CancellationToken ct, bool mayFail = false)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isIt(seen))
            {
                return seen;
            }

            if (TimeProvider.System.GetElapsedTime(began) > s_patience)
            {
                return mayFail ? seen : throw new CommandFailure($"nothing came of it within {s_patience.TotalSeconds:0} s", "run the demo again with --keep and look at the daemon's log");
            }

            await Task.Delay(s_between, TimeProvider.System, ct);
        }
    }
}
