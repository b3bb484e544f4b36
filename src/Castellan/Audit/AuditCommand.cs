using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit</c>: what was asked, decided and done.</summary>
internal static class AuditCommand
{
    public static Command Create() => new("audit", "Read and check the audit log.") { List(), Show(), VerifyCommand.Create(), ProveCommand.Create(), ExportCommand.Create() };

    private static Command List()
    {
        var limit = new Option<int>("--limit") { Description = "Most records, 1 to 1000.", DefaultValueFactory = _ => 50 };
        var run = new Option<string?>("--run") { Description = "Only records of this run.", HelpName = "ID" };
        var call = new Option<string?>("--call") { Description = "Only records of this call.", HelpName = "ID" };
        var command = ExampleHelp.With(new Command("list", "The newest records, oldest of them first.") { limit, run, call, GlobalOptions.Output },
            "castellan audit list", "castellan audit list --run RUN -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var entries = await gateway.Client.ListAuditAsync(new AuditFilter(Limit: parsed.GetValue(limit), RunId: parsed.GetValue(run), CallId: parsed.GetValue(call), Newest: true), ct);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(entries, GatewayJson.Options)))
            {
                WriteTable(Console.Out, entries);
            }
            return ExitCode.Success;
        });
        return command;
    }

    public static void WriteTable(TextWriter output, IReadOnlyList<AuditEntry> entries) =>
        ResultWriter.WriteTable(output, ["SEQ", "TIME", "STAGE", "KIND", "TARGET", "PRINCIPAL", "FOR", "DECISION", "STATE", "CALL"],
            entries.Select(e => (string[])[e.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), e.Time.ToString("HH:mm:ss.fff"), e.Stage, e.Kind,
                e.Server is null ? e.Target ?? "" : $"{e.Server}.{e.Target}", e.Principal ?? "", e.OnBehalfOf ?? "",
                e.Rule is null ? e.Decision ?? "" : $"{e.Decision} ({e.Rule})", e.Attempt > 1 ? $"{e.State} (attempt {e.Attempt})" : e.State ?? "", e.CallId ?? ""]));

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
