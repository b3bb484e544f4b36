using System.CommandLine;
using Castellan.Audit.Transparency;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit verify</c>: nothing was changed, removed, reordered or cut off; against the running gateway, or against exported files alone.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var checkpoint = new Option<string?>("--checkpoint") { Description = "A checkpoint kept from an earlier time: the log must continue it.", HelpName = "FILE" };
        var archive = new Option<string?>("--offline") { Description = "Check files that 'castellan audit export' wrote, without a gateway.", HelpName = "DIR" };
        var key = new Option<string?>("--key") { Description = "The log's key, as text or file, for --offline. Take it from elsewhere than the files.", HelpName = "KEY" };
        var witness = new Option<string?>("--witness") { Description = "Key of a witness that must have cosigned the checkpoint of --checkpoint.", HelpName = "KEY" };
        var command = ExampleHelp.With(new Command("verify", "Check that no record was changed, removed or cut off since the last check from here.") { checkpoint, archive, key, witness },
            "castellan audit verify", "castellan audit verify --checkpoint monday.checkpoint", "castellan audit verify --offline ./audit --key castellan.local/audit+1b2c3d4e+AT…");
        command.SetBody(async (parsed, ct) =>
        {
            var earlier = parsed.GetValue(checkpoint) is { } file ? await ReadAsync(file, ct) : null;
            if (parsed.GetValue(witness) is { } cosigner)
            {
                DemandCosigned(earlier ?? throw new CommandFailure("there is no checkpoint to look for a cosignature on", "add --checkpoint FILE", ExitCode.Usage), cosigner);
            }

            return parsed.GetValue(archive) is { } folder
                ? await VerifyArchiveAsync(folder, parsed.GetValue(key), earlier, ct)
                : await VerifyGatewayAsync(parsed, earlier, ct);
        });
        return command;
    }

    private static async Task<int> VerifyGatewayAsync(ParseResult parsed, string? given, CancellationToken ct)
    {
        using var gateway = GatewayAccess.Open(parsed);
        var remembered = new RememberedLog(gateway);
        var key = await remembered.KeyAsync(ct);
        var found = await gateway.Client.VerifyAuditAsync(await remembered.HeadAsync(ct), ct);
        if (!found.Ok)
        {
            return Refuse($"{found.Problem}{(found.FirstBadSequence is { } bad ? $" (first bad record: {bad})" : "")}");
        }

        var note = await gateway.Client.GetAuditCheckpointAsync(ct);
        var now = Open(note, key);
        var pruned = found.PrunedThrough > 0 ? $" Records 1 to {found.PrunedThrough} are pruned, as the log itself says; their hashes were checked." : "";
        var waiting = found.Waiting > 0 ? $" {found.Waiting} more wait for their number." : "";
        var told = $"{found.Records} records, unbroken.{pruned}{waiting} Head: {found.Head.Sequence} {found.Head.Hash}{Environment.NewLine}Checkpoint over {now.Size} records, signed by {key.Name}";
        foreach (var earlier in new[] { await remembered.CheckpointAsync(ct), given }.OfType<string>().Select(text => Open(text, key)))
        {
            if (await ProblemAsync(gateway, earlier, key, ct) is { } problem)
            {
                return Refuse(problem);
            }

            told += $"; it continues the one over {earlier.Size}";
        }

        await remembered.RememberAsync(found.Head, note, ct);
        Console.WriteLine(told);
        return ExitCode.Success;
    }

    private static async Task<int> VerifyArchiveAsync(string folder, string? key, string? given, CancellationToken ct)
    {
        if (key is null)
        {
            throw new CommandFailure("the log's key is not given", $"add --key with the key as you know it from elsewhere; the one beside the files ({Path.Combine(folder, ExportCommand.KeyFile)}) proves nothing if the files were changed", ExitCode.Usage);
        }

        var verifier = File.Exists(key) ? RememberedLog.Parse(await ReadAsync(key, ct), key) : RememberedLog.Parse(key, "--key");
        var found = await new LogArchive(folder).VerifyAsync(verifier, given is null ? null : Open(given, verifier), ct);
        if (found.Problem is { } problem)
        {
            return Refuse(problem);
        }

        Console.WriteLine($"{found.Checkpoint!.Size} records give the root that {verifier.Name} signed: {found.Checkpoint.Root}{(found.PrunedThrough > 0 ? $"{Environment.NewLine}Records 1 to {found.PrunedThrough} are pruned, as the log itself says; their hashes were checked." : "")}");
        return ExitCode.Success;
    }

    private static async Task<string?> ProblemAsync(GatewayAccess gateway, Checkpoint earlier, NoteVerifier key, CancellationToken ct)
    {
        var growth = await gateway.Client.ProveAuditGrowthAsync(earlier.Size, ct);
        return AuditProofs.Read(growth).ProblemWith(earlier, key);
    }

    private static void DemandCosigned(string note, string witness)
    {
        try
        {
            if (NoteVerifier.Parse(witness).CosignedAt(SignedNote.Parse(note)) is null)
            {
                throw new CommandFailure($"the checkpoint is not cosigned by {witness}", "ask the witness for its checkpoint, or check its key", ExitCode.Refused);
            }
        }
        catch (FormatException error)
        {
            throw new CommandFailure($"the cosignature cannot be checked: {error.Message}", "the witness's key is what 'castellan audit cosign' printed", ExitCode.Usage, error);
        }
    }

    private static Checkpoint Open(string note, NoteVerifier key)
    {
        try
        {
            return Checkpoint.Open(SignedNote.Parse(note), key);
        }
        catch (FormatException error)
        {
            throw new CommandFailure(error.Message, "compare the checkpoint and the key with the ones that were kept elsewhere", ExitCode.Refused, error);
        }
    }

    private static int Refuse(string problem)
    {
        Console.WriteLine(ResultWriter.Printable($"The audit log does not verify: {problem}"));
        return ExitCode.Refused;
    }

    private static async Task<string> ReadAsync(string file, CancellationToken ct)
    {
        try
        {
            return await File.ReadAllTextAsync(file, ct);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{file} cannot be read: {error.Message}", "check the path", inner: error);
        }
    }
}
