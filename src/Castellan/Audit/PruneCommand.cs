using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Workflows;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit prune</c>: removes the texts of old records; their hashes and every proof stay.</summary>
internal static class PruneCommand
{
    public static Command Create()
    {
        var before = new Option<string?>("--before") { Description = "Only records before: a time, or how long ago (90d, 8760h).", HelpName = "WHEN", Required = true };
        var reason = new Option<string?>("--reason") { Description = "Why; it stands in the log.", HelpName = "TEXT" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only tell what would be removed." };
        var command = ExampleHelp.With(new Command("prune", "Remove the texts of old records for ever, provably: hashes stay, and a signed record tells of it.") { before, reason, dryRun, GlobalOptions.Output },
            "castellan audit prune --before 365d --dry-run", "castellan audit prune --before 2026-01-01 --reason 'retention policy 7'");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var request = new PruneAuditRequest(WorkflowOptions.When(parsed, before, TimeProvider.System)!.Value, parsed.GetValue(reason), parsed.GetValue(dryRun));
            var pruned = await gateway.Client.PruneAuditAsync(request, ct);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(pruned, GatewayJson.Options)))
            {
                Console.WriteLine(Tell(pruned, request.DryRun));
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static string Tell(AuditPruning pruned, bool dryRun) => (pruned.Records, dryRun) switch
    {
        (0, _) => "Nothing is old enough: records go in bundles of 256, and the newest stay.",
        (_, true) => $"{pruned.Records} records would lose their texts, up to record {pruned.Through}. Nothing was removed.",
        _ => $"{pruned.Records} records lost their texts, up to record {pruned.Through}. 'castellan audit verify' still checks all of the log.",
    };
}
