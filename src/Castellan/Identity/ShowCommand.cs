using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Castellan.Cli.CommandLine;
using Castellan.SpiffeServer.Operators;

namespace Castellan.Cli.Identity;

/// <summary><c>castellan identity show</c> and <c>watch</c>: the local authority, its keys, and who has an SVID.</summary>
internal static class ShowCommand
{
    public static Command CreateShow()
    {
        var command = ExampleHelp.With(new Command("show", "The local authority: its keys, the identities with a valid SVID, those that are denied.") { GlobalOptions.Output },
            "castellan identity show", "castellan identity show -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var authority = AuthorityClient.Open(parsed.Paths());
            Write(await authority.ReportAsync(ct), parsed.GetValue(GlobalOptions.Output));
            return ExitCode.Success;
        });
        return command;
    }

    public static Command CreateWatch()
    {
        var command = ExampleHelp.With(new Command("watch", "Print every SVID that is issued and every change of keys, until interrupted.") { GlobalOptions.Output },
            "castellan identity watch", "castellan identity watch -o json     # one JSON object per line");
        command.SetBody(async (parsed, ct) =>
        {
            using var authority = AuthorityClient.Open(parsed.Paths());
            await foreach (var item in authority.WatchAsync(ct))
            {
                Console.WriteLine(parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json
                    ? JsonSerializer.Serialize(item, OperatorJson.Options)
                    : ResultWriter.Printable($"{Time(item.Time)}  {item.Kind,-14}  {item.Id ?? item.Detail}{(item.Id is not null && item.Detail.Length > 0 ? $" for {item.Detail}" : "")}{(item.NotAfter is { } end ? $"  until {Time(end)}" : "")}"));
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Prints a report.</summary>
    public static void Write(AuthorityReport report, OutputFormat format)
    {
        if (ResultWriter.TryWriteDocument(Console.Out, format, () => JsonSerializer.SerializeToNode(report, OperatorJson.Options)))
        {
            return;
        }

        Console.WriteLine($"Trust domain {report.TrustDomain}, bundle at sequence {report.Sequence}, refreshed every {report.RefreshHintSeconds} s");
        Console.WriteLine();
        ResultWriter.WriteTable(Console.Out, ["KEY", "STATE", "FROM", "UNTIL", "NAME"],
            report.Keys.Select(k => (string[])[k.Role, k.State.ToString(), Time(k.NotBefore), Time(k.NotAfter), k.Name]));
        Console.WriteLine();
        ResultWriter.WriteTable(Console.Out, ["IDENTITY", "ISSUED", "UNTIL"], report.Identities.Select(i => (string[])[i.Id!, Time(i.Time), i.NotAfter is { } end ? Time(end) : ""]));
        if (report.Denied.Count > 0)
        {
            Console.WriteLine();
            ResultWriter.WriteTable(Console.Out, ["DENIED"], report.Denied.Select(d => (string[])[d]));
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
}
