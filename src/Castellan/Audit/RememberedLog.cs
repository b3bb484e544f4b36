using System.Text.Json;
using Castellan.Audit.Transparency;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary>What this user saw of the audit log before: a log that was rewritten does not continue it. Kept beside the user's credential.</summary>
internal sealed class RememberedLog(GatewayAccess gateway)
{
    private string PathOf(string what) => Path.Combine(gateway.Paths.Root, "credentials", $"{gateway.Credential.User}.audit-{what}");

    /// <summary>The log's key: the one seen first. A gateway that shows another one is not believed.</summary>
    /// <exception cref="CommandFailure">The key has changed, or is none.</exception>
    public async Task<NoteVerifier> KeyAsync(CancellationToken ct)
    {
        var shown = Parse(await gateway.Client.GetAuditKeyAsync(ct), "the key that the gateway shows");
        var file = PathOf("key");
        if (!File.Exists(file))
        {
            await File.WriteAllTextAsync(file, $"{shown}\n", ct);
            return shown;
        }

        var known = Parse(await File.ReadAllTextAsync(file, ct), file);
        return known.ToString() == shown.ToString() ? known : throw new CommandFailure(
            $"the audit log is signed with another key than before: {shown} in place of {known}",
            $"find out who replaced the gateway's key; if it was meant to be, delete {file}", ExitCode.Refused);
    }

    /// <summary>The head of the chain; null at the first time.</summary>
    public async Task<AuditHead?> HeadAsync(CancellationToken ct) =>
        File.Exists(PathOf("head.json")) ? JsonSerializer.Deserialize<AuditHead>(await File.ReadAllBytesAsync(PathOf("head.json"), ct), GatewayJson.Options) : null;

    /// <summary>The checkpoint; null at the first time.</summary>
    public async Task<string?> CheckpointAsync(CancellationToken ct) => File.Exists(PathOf("checkpoint")) ? await File.ReadAllTextAsync(PathOf("checkpoint"), ct) : null;

    public async Task RememberAsync(AuditHead head, string checkpoint, CancellationToken ct)
    {
        await File.WriteAllBytesAsync(PathOf("head.json"), JsonSerializer.SerializeToUtf8Bytes(head, GatewayJson.Options), ct);
        await File.WriteAllTextAsync(PathOf("checkpoint"), checkpoint, ct);
    }

    /// <exception cref="CommandFailure">It is no key.</exception>
    public static NoteVerifier Parse(string key, string source)
    {
        try
        {
            return NoteVerifier.Parse(key);
        }
        catch (FormatException error)
        {
            throw new CommandFailure($"{source} is not a log's key: {error.Message}", "'castellan audit export' writes the key of a log into the file log.key", inner: error);
        }
    }
}
