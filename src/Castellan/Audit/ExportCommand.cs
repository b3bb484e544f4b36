using System.CommandLine;
using Castellan.Audit.Transparency;
using Castellan.Cli.Access;
using Castellan.Cli.Audit.Ocsf;
using Castellan.Cli.CommandLine;
using Castellan.Digests;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit export</c>: the log as files that can be checked elsewhere, or as JSON lines.</summary>
internal static class ExportCommand
{
    /// <summary>Where an archive has the log's public key.</summary>
    public const string KeyFile = "log.key";

    private const int PageSize = 1000;

    private enum ExportFormat
    {
        Tiles,
        Jsonl,
        Ocsf,
    }

    public static Command Create()
    {
        var target = new Argument<string?>("target") { Description = "Folder for tiles; file for lines (standard output when left out).", Arity = ArgumentArity.ZeroOrOne };
        var format = new Option<ExportFormat>("--format") { Description = "tiles: the layout that transparency-log tools read (C2SP tlog-tiles). jsonl: one record on a line. ocsf: one event of the Open Cybersecurity Schema Framework on a line.", DefaultValueFactory = _ => ExportFormat.Tiles };
        var command = ExampleHelp.With(new Command("export", "Write the log to files; jsonl and ocsf take filters.") { target, format }.Filtering(),
            "castellan audit export ./audit && castellan audit verify --offline ./audit --key KEY", "castellan audit export --format jsonl | jq .what.name", "castellan audit export --format ocsf --since 24h events.jsonl");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var filter = AuditOptions.Filter(parsed, TimeProvider.System);
            if (parsed.GetValue(format) != ExportFormat.Tiles)
            {
                var lines = parsed.GetValue(format) == ExportFormat.Jsonl ? Record : await EventsAsync(gateway, filter, ct);
                return await WriteLinesAsync(gateway, parsed.GetValue(target), filter, lines, ct);
            }

            return filter != new AuditFilter()
                ? throw new CommandFailure("tiles are of the whole log", "leave the filters out, or add --format jsonl", ExitCode.Usage)
                : await WriteTilesAsync(gateway, parsed.GetValue(target) ?? throw new CommandFailure("the folder is not given", "name an empty folder, for example ./audit", ExitCode.Usage), ct);
        });
        return command;
    }

    private static async Task<int> WriteTilesAsync(GatewayAccess gateway, string folder, CancellationToken ct)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CommandFailure($"the folder '{folder}' is not empty", "name a new folder: what lies there now is not mixed with another export");
        }

        var key = await new RememberedLog(gateway).KeyAsync(ct);
        var note = await gateway.Client.GetAuditCheckpointAsync(ct);
        var checkpoint = Checkpoint.Open(SignedNote.Parse(note), key);
        var pruned = await gateway.Client.GetAuditPrunedAsync(ct);
        await CommandRunner.ErrorConsole.Status().StartAsync("reading the log", async status =>
            await new LogArchive(folder).WriteAsync(note, checkpoint.Size, pruned.Length == 0 ? null : pruned, gateway.Client.GetAuditFileAsync, (done, all) => status.Status($"{done} of {all} files"), ct));
        await File.WriteAllTextAsync(Path.Combine(folder, KeyFile), $"{key}\n", ct);
        Console.WriteLine($"{checkpoint.Size} records in {folder}, with the checkpoint over them. The log's key, to be kept elsewhere:{Environment.NewLine}  {key}");
        return ExitCode.Success;
    }

    private static string Record(AuditEntry entry) => entry.Record.ToJsonString(GatewayJson.Options);

    // Only an export of all of the log has one and the same chain each time.
    private static async Task<Func<AuditEntry, string>> EventsAsync(GatewayAccess gateway, AuditFilter filter, CancellationToken ct)
    {
        var key = await new RememberedLog(gateway).KeyAsync(ct);
        var chain = new OcsfChain(filter == new AuditFilter() ? key.Name : $"{key.Name}/{Guid.CreateVersion7()}", key.ToString());
        return entry => CanonicalJson.Write(chain.Add(OcsfEvent.Of(entry, key.Name)));
    }

    private static async Task<int> WriteLinesAsync(GatewayAccess gateway, string? file, AuditFilter filter, Func<AuditEntry, string> lineOf, CancellationToken ct)
    {
        var output = file is null ? Console.Out : new StreamWriter(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
        try
        {
            // Up to where the log reaches now: one that grows as fast as it is read must end, too.
            var end = (await gateway.Client.ReadAuditAsync(new AuditFilter(Limit: 1, Newest: true), ct)).Next;
            while (filter.After < end)
            {
                var page = await gateway.Client.ReadAuditAsync(filter with { Limit = PageSize }, ct);
                foreach (var entry in page.Items.Where(entry => entry.Sequence <= end))
                {
                    await output.WriteLineAsync(lineOf(entry).AsMemory(), ct);
                }

                filter = filter with { After = page.Next };
            }

            return ExitCode.Success;
        }
        finally
        {
            await output.FlushAsync(CancellationToken.None);
            if (file is not null)
            {
                await output.DisposeAsync();
            }
        }
    }
}
