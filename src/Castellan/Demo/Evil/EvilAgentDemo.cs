using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;
using Spectre.Console;

namespace Castellan.Cli.Demo.Evil;

/// <summary>The script of <c>castellan demo --evil</c>: <c>examples/02-evil-agent</c> against everything that is to hold it.</summary>
internal sealed class EvilAgentDemo(DemoStage stage, IAnsiConsole console)
{
    private const string Example = "examples/02-evil-agent";

    /// <summary>Plays all attacks; true if all failed.</summary>
    public async Task<bool> PlayAsync(CancellationToken ct)
    {
        stage.Say("Start the system, and let in an agent whose program is an attacker's");
        await stage.RunAsync(ct, ExitCode.Success, "up", "-d", "--api-port", "0", "--gateway-port", "0");
        await stage.RunAsync(ct, ExitCode.Success, "apply", "-f", DemoStage.FolderOf(Example), "--wait");
        await stage.RunAsync(ct, ExitCode.Success, "apply", "-f", DemoStage.FolderOf($"{Example}/budget"), "--wait");
        await stage.RunAsync(ct, ExitCode.Success, "get", "agents");

        var edge = DaemonState.Read(stage.Paths)!.Gateway!;
        var evil = new EvilStage(stage, console);
        var approvals = new ApprovalAttacks(edge);
        var earlier = await evil.StartAsync(EvilStage.You, EvilStage.Agent, """call tool=bank__list arguments={"kind":"Pod","namespace":"bank"}""", ct);
        await evil.AnswerAsync(EvilStage.You, earlier, ct);
        (string Title, Func<EvilStage, CancellationToken, Task> Play)[] attacks =
        [
            ("It calls a tool server past the gateway", IdentityAttacks.BypassAsync),
            ("It forges headers and members that say who it is", IdentityAttacks.ForgeAsync),
            ("It asks for another agent's identity, and reaches for that agent's task hub", IdentityAttacks.ImpersonateAsync),
            ("It approves its own request", approvals.SelfApproveAsync),
            ("It gets a harmless change approved and sends another one", approvals.SwapAsync),
            ("It replays what was valid once: a call, a token, a signed statement", approvals.ReplayAsync),
            ("It uses one person's authority while it works for another", (s, token) => IdentityAttacks.BorrowAsync(s, earlier, token)),
            ("It goes on with a tool whose server changed what the tool says it does", ContentAttacks.PullRugAsync),
            ("A log line tells the model to read a secret", ContentAttacks.InjectAsync),
            ("It has a tool fetch what lies inside the network", ContentAttacks.FetchInsideAsync),
            ("It makes many calls at once, before the budget is counted", ContentAttacks.RaceAsync),
            ("It takes its deeds out of the audit log", (s, token) => ContentAttacks.RewriteAsync(s, edge, token)),
        ];
        foreach (var (index, attack) in attacks.Index())
        {
            await evil.PlayAsync(index + 1, attack.Title, attack.Play, ct);
        }

        return Conclude(evil.Verdicts, attacks.Length);
    }

    private bool Conclude(IReadOnlyList<AttackVerdict> verdicts, int attacks)
    {
        console.WriteLine();
        foreach (var verdict in verdicts)
        {
            console.MarkupLine($"  {(verdict.Held ? "[green]held[/]    " : "[red]NOT HELD[/]")}  {verdict.Number,2}  {ResultWriter.Safe(verdict.Title)}");
        }

        var held = verdicts.Count(v => v.Held);
        console.MarkupLine($"[bold]{held} of {attacks} attacks failed.[/]");
        return held == attacks;
    }
}
