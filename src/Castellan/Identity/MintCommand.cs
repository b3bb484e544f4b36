using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.CommandLine;
using Castellan.SpiffeServer.Operators;

namespace Castellan.Cli.Identity;

/// <summary><c>castellan identity mint</c>, <c>rotate</c>, <c>deny</c> and <c>allow</c>: what changes something at the local authority.</summary>
internal static class MintCommand
{
    private static readonly Argument<string> Id = new("spiffe-id") { Description = "The identity." };

    public static Command CreateMint()
    {
        var audience = new Option<string[]>("--audience") { Description = "Mint a JWT-SVID for this audience instead of an X.509-SVID.", HelpName = "NAME" };
        var ttl = new Option<int?>("--ttl") { Description = "Validity in seconds, up to a day.", HelpName = "SECONDS" };
        var write = new Option<string?>("--write") { Description = "Write svid.pem, key.pem and bundle.pem there instead of printing them.", HelpName = "DIR" };
        var command = ExampleHelp.With(new Command("mint", "Issue an SVID by hand, for a person who tests. It is logged.") { Id, audience, ttl, write, GlobalOptions.Output },
            "castellan identity mint spiffe://castellan.local/ns/default/sa/web --write .", "castellan identity mint spiffe://castellan.local/ns/default/sa/web --audience reports");
        command.SetBody(async (parsed, ct) =>
        {
            using var authority = AuthorityClient.Open(parsed.Paths());
            var minted = await authority.MintAsync(new(parsed.GetValue(Id)!, parsed.GetValue(audience), parsed.GetValue(ttl)), ct);
            if (parsed.GetValue(write) is { } directory && minted.Token is null)
            {
                await WriteAsync(minted, directory, ct);
            }
            else if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(minted, OperatorJson.Options)))
            {
                Console.Write(minted.Token is { } token ? token + "\n" : minted.Certificates + minted.Key);
            }

            return ExitCode.Success;
        });
        return command;
    }

    public static Command CreateRotate()
    {
        var command = ExampleHelp.With(new Command("rotate", "Put a new signing CA in force; SVIDs signed by the old one stay valid.") { GlobalOptions.Output }, "castellan identity rotate");
        command.SetBody(async (parsed, ct) =>
        {
            using var authority = AuthorityClient.Open(parsed.Paths());
            ShowCommand.Write(await authority.RotateAsync(ct), parsed.GetValue(GlobalOptions.Output));
            return ExitCode.Success;
        });
        return command;
    }

    public static Command CreateDeny() => Denial("deny", "Give an identity nothing any more; its streams end at once.", lift: false);

    public static Command CreateAllow() => Denial("allow", "Lift the denial of an identity.", lift: true);

    private static Command Denial(string name, string description, bool lift)
    {
        var command = ExampleHelp.With(new Command(name, description) { Id, GlobalOptions.Output }, $"castellan identity {name} spiffe://castellan.local/ns/default/sa/web");
        command.SetBody(async (parsed, ct) =>
        {
            using var authority = AuthorityClient.Open(parsed.Paths());
            ShowCommand.Write(await authority.DenyAsync(new(parsed.GetValue(Id)!, lift), ct), parsed.GetValue(GlobalOptions.Output));
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task WriteAsync(MintedIdentity minted, string directory, CancellationToken ct)
    {
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "svid.pem"), minted.Certificates, ct);
        await File.WriteAllTextAsync(Path.Combine(directory, "bundle.pem"), minted.Bundle, ct);
        var key = Path.Combine(directory, "key.pem");
        File.Delete(key);
        await using var stream = new FileStream(key, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(minted.Key!), ct);
        Console.WriteLine($"{minted.Id}: svid.pem, key.pem and bundle.pem in {directory}");
    }
}
