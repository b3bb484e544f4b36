using System.CommandLine;
using Castellan.Audit.Transparency;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Audit;

/// <summary><c>castellan audit cosign</c>: a witness's part. It signs the log's checkpoint, if it continues the one that it signed last.</summary>
internal static class CosignCommand
{
    public static Command Create()
    {
        var key = new Option<string>("--key") { Description = "File with the witness's private key; made when it is not there, under --name.", HelpName = "FILE", Required = true };
        var name = new Option<string?>("--name") { Description = "Name of the witness, for a new key; for example audit.example.com/witness.", HelpName = "NAME" };
        var kept = new Argument<string>("file") { Description = "The checkpoint that the witness signed last; is replaced by the new one." };
        var command = ExampleHelp.With(new Command("cosign", "Sign the log's checkpoint as a witness: only if nothing that was signed before has changed.") { kept, key, name },
            "castellan audit cosign kept.checkpoint --key witness.key --name audit.example.com/witness", "castellan audit verify --checkpoint kept.checkpoint --witness audit.example.com/witness+…");
        command.SetBody(async (parsed, ct) =>
        {
            using var signer = await SignerAsync(parsed.GetValue(key)!, parsed.GetValue(name), ct);
            using var gateway = GatewayAccess.Open(parsed);
            var file = parsed.GetValue(kept)!;
            var witness = new Witness(await new RememberedLog(gateway).KeyAsync(ct), signer, TimeProvider.System);
            try
            {
                var signed = File.Exists(file) ? await ContinueAsync(gateway, witness, file, ct) : witness.Begin(SignedNote.Parse(await gateway.Client.GetAuditCheckpointAsync(ct)));
                await File.WriteAllTextAsync(file, signed.ToString(), ct);
                Console.WriteLine($"Cosigned: {signed.Text.Split('\n')[1]} records, in {file}. The witness's key:{Environment.NewLine}  {signer.Verifier}");
                return ExitCode.Success;
            }
            catch (Exception error) when (error is FormatException or InvalidDataException)
            {
                throw new CommandFailure($"nothing is cosigned: {error.Message}", $"keep {file} as evidence, and find out who changed the log", ExitCode.Refused, error);
            }
        });
        return command;
    }

    private static async Task<SignedNote> ContinueAsync(GatewayAccess gateway, Witness witness, string file, CancellationToken ct)
    {
        var last = SignedNote.Parse(await File.ReadAllTextAsync(file, ct));
        var size = long.TryParse(last.Text.Split('\n') is [_, { } line, ..] ? line : "", out var records) ? records : throw new FormatException($"{file} is no checkpoint");
        return witness.Continue(last, AuditProofs.Read(await gateway.Client.ProveAuditGrowthAsync(size, ct)));
    }

    private static async Task<NoteSigner> SignerAsync(string file, string? name, CancellationToken ct)
    {
        if (!File.Exists(file))
        {
            using var made = new NoteSigner(name ?? throw new CommandFailure($"there is no key in {file}, and no name for a new one", "add --name, for example --name audit.example.com/witness", ExitCode.Usage), NoteSigner.NewKey(), NoteKeyType.Cosignature);
            await using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"{made.Export()}\n"), ct);
        }

        try
        {
            var signer = NoteSigner.Parse(await File.ReadAllTextAsync(file, ct));
            return signer.Verifier.Type == NoteKeyType.Cosignature ? signer : throw new FormatException("it is a log's key, not a witness's");
        }
        catch (FormatException error)
        {
            throw new CommandFailure($"{file} is no witness's key: {error.Message}", "name another file; a new key is made where there is none", inner: error);
        }
    }
}
