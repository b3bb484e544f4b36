using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit follow</c>: records as they are written, until Ctrl-C.</summary>
internal static class FollowCommand
{
    private const int PageSize = 500, WaitSeconds = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var after = new Option<long?>("--after") { Description = "Begin after this record instead of with the next that is written.", HelpName = "SEQUENCE" };
        var command = ExampleHelp.With(new Command("follow", "Show records as they are written; goes on where it was when the gateway comes back. Ctrl-C ends.") { after, GlobalOptions.Output }.Filtering(),
            "castellan audit follow", "castellan audit follow --decision Deny -o wide", "castellan audit follow --since 1h -o json | jq .what.name");
        command.SetBody(async (parsed, ct) =>
        {
            var filter = AuditOptions.Filter(parsed, TimeProvider.System) with { Limit = PageSize };
            using (var gateway = GatewayAccess.Open(parsed))
            {
                filter = filter with { After = parsed.GetValue(after) ?? (filter.Since is null ? await HeadAsync(gateway.Client, ct) : 0) };
            }

            var format = parsed.GetValue(GlobalOptions.Output);
            if (format is OutputFormat.Table or OutputFormat.Wide)
            {
                AuditTable.WriteHeading(Console.Out, format);
            }

            return await FollowAsync(parsed, filter, entry => Write(entry, format), ct);
        });
        return command;
    }

    private static async Task<int> FollowAsync(ParseResult parsed, AuditFilter filter, Action<AuditEntry> write, CancellationToken ct)
    {
        for (var isLost = false; ;)
        {
            try
            {
                using var gateway = GatewayAccess.Open(parsed); // anew each time: a gateway that comes back may have another address
                while (true)
                {
                    var page = await gateway.Client.ReadAuditAsync(filter with { WaitSeconds = WaitSeconds }, ct);
                    isLost = false;
                    foreach (var entry in page.Items)
                    {
                        write(entry);
                    }

                    filter = filter with { After = page.Next };
                }
            }
            catch (Exception error) when (IsPassing(error) && !ct.IsCancellationRequested)
            {
                if (!isLost)
                {
                    await Console.Error.WriteLineAsync($"the gateway is away ({error.Message}); going on after record {filter.After} when it is back");
                }

                isLost = true;
            }

            await Task.Delay(Pause, TimeProvider.System, ct);
        }
    }

    private static bool IsPassing(Exception error) => error is GatewayException { IsTransient: true } or HttpRequestException or IOException or CommandFailure { ExitCode: ExitCode.Failure };

    private static async Task<long> HeadAsync(GatewayClient gateway, CancellationToken ct) =>
        (await gateway.ReadAuditAsync(new AuditFilter(Limit: 1, Newest: true), ct)).Next;

    private static void Write(AuditEntry entry, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json:
                Console.WriteLine(entry.Record.ToJsonString(GatewayJson.Options));
                break;
            case OutputFormat.Yaml:
                Console.WriteLine("---");
                ResultWriter.WriteYaml(Console.Out, JsonSerializer.SerializeToNode(entry, GatewayJson.Options));
                break;
            default:
                AuditTable.WriteLine(Console.Out, entry, format);
                break;
        }
    }
}
