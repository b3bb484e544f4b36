using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.Digests;
using Castellan.GatewayApi;
using Castellan.Policy;
using Spectre.Console;

namespace Castellan.Cli.Approvals;

/// <summary><c>castellan approve|confirm|refuse CALL</c>: signs a statement over exactly that call.</summary>
internal static class ApproveCommand
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public static Command CreateApprove() => Create("approve", "Approve a waiting call, as someone other than who asked for it.", ApprovalVerdict.Approve,
        "castellan approvals list", "castellan approve CALL --as approver");

    public static Command CreateConfirm() => Create("confirm", "Confirm a call that an agent makes for you, when policy wants your word.", ApprovalVerdict.Approve, "castellan confirm CALL");

    public static Command CreateRefuse() => Create("refuse", "Refuse a waiting call, as an approver or as the person it is for.", ApprovalVerdict.Refuse, "castellan refuse CALL --as approver");

    private static Command Create(string verb, string description, ApprovalVerdict decision, params string[] examples)
    {
        var call = new Argument<string>("call") { Description = "Id of the call; 'castellan approvals list' shows those that wait." };
        var command = ExampleHelp.With(new Command(verb, description) { call }, examples);
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var decided = await DecideAsync(gateway, parsed.GetValue(call)!, decision, AnsiConsole.Console, ct);
            AnsiConsole.MarkupLine(decided.State == ApprovalState.Pending
                ? $"Noted; the call waits for more: {ResultWriter.Safe(decided.StillNeeded ?? string.Join(" and ", decided.Demands))}"
                : $"{decided.State} by [bold]{ResultWriter.Safe(decided.DecidedBy ?? gateway.Credential.User)}[/]");
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Shows what is decided on, signs a statement over it and hands it in.</summary>
    public static async Task<Approval> DecideAsync(GatewayAccess gateway, string callId, ApprovalVerdict decision, IAnsiConsole console, CancellationToken ct)
    {
        var approval = await gateway.Client.GetApprovalAsync(callId, ct);
        console.MarkupLine($"[bold]{ResultWriter.Safe($"{approval.Server}.{approval.Tool}")}[/] {ResultWriter.Safe(approval.Arguments?.ToJsonString() ?? "{}")}");
        console.MarkupLine($"  [grey]asked by {ResultWriter.Safe(approval.Principal)} for {ResultWriter.Safe(approval.OnBehalfOf ?? "itself")}, {approval.ArgumentsDigest}[/]");
        foreach (var vote in approval.Votes)
        {
            console.MarkupLine($"  [grey]{ResultWriter.Safe(vote.By)} said {ResultWriter.Safe(vote.Verdict)} at {vote.At:u}[/]");
        }
        using var certificate = gateway.Credential.LoadCertificate();
        var now = TimeProvider.System.GetUtcNow();
        var statement = new ApprovalStatement(callId, DigestOfWhatIsShown(approval), decision, gateway.Credential.User, now, now + Lifetime).Sign(certificate);
        return await gateway.Client.DecideApprovalAsync(callId, statement, ct);
    }

    // What is signed is what was shown: a gateway that shows one thing and asks to sign another gets no signature.
    private static string DigestOfWhatIsShown(Approval approval)
    {
        var digest = CanonicalJson.Digest(approval.Arguments ?? []);
        return digest == approval.ArgumentsDigest
            ? digest
            : throw new CommandFailure($"the arguments shown have digest {digest}, the gateway asks to sign {approval.ArgumentsDigest}", "do not approve; look at the gateway's log and version");
    }
}
