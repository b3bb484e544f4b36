using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit</c>: what was asked, decided and done.</summary>
internal static class AuditCommand
{
    public static Command Create() => new("audit", "Read and check the audit log.") { List(), FollowCommand.Create(), Show(), VerifyCommand.Create(), ProveCommand.Create(), ExportCommand.Create(), CosignCommand.Create(), PruneCommand.Create() };

    private static Command List()
    {
        var limit = new Option<int>("--limit") { Description = "Most records, 1 to 1000.", DefaultValueFactory = _ => 50 };
        var command = ExampleHelp.With(new Command("list", "The newest records that match, oldest of them first.") { limit, GlobalOptions.Output }.Filtering(),
            "castellan audit list", "castellan audit list --agent triage --decision Deny --since 1h", "castellan audit list --run RUN -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var entries = await gateway.Client.ListAuditAsync(AuditOptions.Filter(parsed, TimeProvider.System) with { Limit = parsed.GetValue(limit), Newest = true }, ct);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(entries, GatewayJson.Options)))
            {
                AuditTable.Write(Console.Out, entries, parsed.GetValue(GlobalOptions.Output));
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("id") { Description = "Sequence number of a record, or id of a call." };
        var command = ExampleHelp.With(new Command("show", "One record, or the story of a call; -o yaml shows the records in full.") { id, GlobalOptions.Output },
            "castellan audit show CALL", "castellan audit show 42 -o yaml");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var entries = await gateway.Client.GetAuditAsync(parsed.GetValue(id)!, ct);
            if (entries.Count == 0)
            {
                throw new CommandFailure($"the audit log has no record '{parsed.GetValue(id)}'", "'castellan audit list' shows sequence numbers and call ids");
            }
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(entries, GatewayJson.Options)))
            {
                AuditStory.Write(Console.Out, entries);
            }
            return ExitCode.Success;
        });
        return command;
    }
}
