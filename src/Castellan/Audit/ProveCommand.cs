using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit prove</c>: that one record is in the log, for somebody who trusts nothing but the log's key.</summary>
internal static class ProveCommand
{
    public static Command Create()
    {
        var sequence = new Argument<long?>("sequence") { Description = "Sequence number of the record; 'castellan audit list' shows it.", Arity = ArgumentArity.ZeroOrOne };
        var check = new Option<string?>("--check") { Description = "Check a proof that was written with -o json instead of asking for one; needs --key.", HelpName = "FILE" };
        var key = new Option<string?>("--key") { Description = "The log's key, for --check.", HelpName = "KEY" };
        var command = ExampleHelp.With(new Command("prove", "Prove that a record is in the log (RFC 6962 inclusion proof).") { sequence, check, key, GlobalOptions.Output },
            "castellan audit prove 61", "castellan audit prove 61 -o json > record-61.proof", "castellan audit prove --check record-61.proof --key castellan.local/audit+1b2c3d4e+AT…");
        command.SetBody(async (parsed, ct) => (parsed.GetValue(check), parsed.GetValue(key), parsed.GetValue(sequence)) switch
        {
            ({ } file, { } text, null) => await CheckAsync(file, text, ct),
            ({ }, null, _) => throw new CommandFailure("the log's key is not given", "add --key with the key as you know it from elsewhere", ExitCode.Usage),
            (null, _, { } number) => await ProveAsync(parsed, number, ct),
            _ => throw new CommandFailure("it is not said what to prove", "give the sequence number of a record, or --check FILE", ExitCode.Usage),
        });
        return command;
    }

    private static async Task<int> ProveAsync(ParseResult parsed, long sequence, CancellationToken ct)
    {
        using var gateway = GatewayAccess.Open(parsed);
        var key = await new RememberedLog(gateway).KeyAsync(ct);
        var proof = await gateway.Client.ProveAuditAsync(sequence, ct);
        if (AuditProofs.Read(proof).ProblemWith(key) is { } problem)
        {
            throw new CommandFailure($"the gateway's proof does not hold: {problem}", "'castellan audit verify' looks at the whole log", ExitCode.Refused);
        }

        if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(proof, GatewayJson.Options)))
        {
            Tell(proof, key.Name);
        }

        return ExitCode.Success;
    }

    private static async Task<int> CheckAsync(string file, string key, CancellationToken ct)
    {
        var verifier = RememberedLog.Parse(key, "--key");
        AuditProof proof;
        try
        {
            proof = JsonSerializer.Deserialize<AuditProof>(await File.ReadAllTextAsync(file, ct), GatewayJson.Options)!;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CommandFailure($"{file} is not a proof: {error.Message}", "give a file that 'castellan audit prove SEQUENCE -o json' wrote", inner: error);
        }

        if (AuditProofs.Read(proof).ProblemWith(verifier) is { } problem)
        {
            throw new CommandFailure($"the proof does not hold: {problem}", "the record, the proof or the key is not the right one", ExitCode.Refused);
        }

        Tell(proof, verifier.Name);
        return ExitCode.Success;
    }

    private static void Tell(AuditProof proof, string log)
    {
        Console.WriteLine(ResultWriter.Printable(proof.Entry));
        Console.WriteLine($"{Environment.NewLine}This is entry {proof.Index} of the log {log}: {proof.Hashes.Count} hashes lead from it to the root that the log has signed.");
        Console.WriteLine(ResultWriter.Printable(proof.Checkpoint));
    }
}
