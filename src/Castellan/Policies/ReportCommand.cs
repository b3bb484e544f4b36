using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Policies;

/// <summary><c>castellan policy report</c>: what policies in audit mode would have changed.</summary>
internal static class ReportCommand
{
    private const int PageSize = 1000;

    public static Command Create()
    {
        var after = new Option<long>("--after") { Description = "Only records after this one of the audit log.", HelpName = "SEQUENCE" };
        var command = ExampleHelp.With(new Command("report", "What the policies with 'enforcement: Audit' would have changed.") { after, GlobalOptions.Output },
            "castellan policy report", "castellan policy report --after 12000 -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var report = await ReadAsync(gateway.Client, parsed.GetValue(after), ct);
            Write(Console.Out, report, parsed.GetValue(GlobalOptions.Output));
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<PolicyReport> ReadAsync(GatewayClient gateway, long after, CancellationToken ct)
    {
        var report = new PolicyReport();
        while (await gateway.ListAuditAsync(new AuditFilter(After: after, Limit: PageSize), ct) is { Count: > 0 } page)
        {
            foreach (var entry in page)
            {
                report.Add(entry);
            }
            after = page[^1].Sequence;
        }
        return report;
    }

    private static void Write(TextWriter output, PolicyReport report, OutputFormat format)
    {
        if (ResultWriter.TryWriteDocument(output, format, () => JsonSerializer.SerializeToNode(report.Lines, GatewayJson.Options)))
        {
            return;
        }
        if (report.Lines.Count == 0)
        {
            output.WriteLine("No decision would have been another: enforcing the policies in audit mode changes nothing that was asked so far.");
            return;
        }
        ResultWriter.WriteTable(output, ["POLICY", "RULE", "WOULD", "INSTEAD OF", "CALLS", "LAST", "LAST CALL"], report.Lines.Select(line => (string[])
            [line.Policy, line.Rule, line.Would, line.InsteadOf, line.Calls.ToString(CultureInfo.InvariantCulture), line.LastAt.ToString("u"), line.LastCall ?? ""]));
    }
}
