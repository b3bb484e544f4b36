using System.CommandLine;
using Castellan.Audit.Transparency;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
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
    }

    public static Command Create()
    {
        var target = new Argument<string?>("target") { Description = "Folder for tiles; file for JSON lines (standard output when left out).", Arity = ArgumentArity.ZeroOrOne };
        var format = new Option<ExportFormat>("--format") { Description = "tiles: the layout that transparency-log tools read (C2SP tlog-tiles). jsonl: one record on a line.", DefaultValueFactory = _ => ExportFormat.Tiles };
        var command = ExampleHelp.With(new Command("export", "Write the log to files.") { target, format },
            "castellan audit export ./audit && castellan audit verify --offline ./audit --key KEY", "castellan audit export --format jsonl | jq .what.name");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            return parsed.GetValue(format) == ExportFormat.Jsonl ? await WriteLinesAsync(gateway, parsed.GetValue(target), ct)
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
        await CommandRunner.ErrorConsole.Status().StartAsync("reading the log", async status =>
            await new LogArchive(folder).WriteAsync(note, checkpoint.Size, gateway.Client.GetAuditFileAsync, (done, all) => status.Status($"{done} of {all} files"), ct));
        await File.WriteAllTextAsync(Path.Combine(folder, KeyFile), $"{key}\n", ct);
        Console.WriteLine($"{checkpoint.Size} records in {folder}, with the checkpoint over them. The log's key, to be kept elsewhere:{Environment.NewLine}  {key}");
        return ExitCode.Success;
    }

    private static async Task<int> WriteLinesAsync(GatewayAccess gateway, string? file, CancellationToken ct)
    {
        var output = file is null ? Console.Out : new StreamWriter(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
        try
        {
            for (var after = 0L; ;)
            {
                var page = await gateway.Client.ListAuditAsync(new AuditFilter(after, PageSize), ct);
                foreach (var entry in page)
                {
                    await output.WriteLineAsync(entry.Record.ToJsonString(GatewayJson.Options).AsMemory(), ct);
                }

                if (page.Count < PageSize)
                {
                    return ExitCode.Success;
                }

                after = page[^1].Sequence;
            }
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
