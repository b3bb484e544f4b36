using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;

namespace Castellan.Cli.Access;

/// <summary>What a person proves themselves with: a bearer token at the gateway, a client certificate that signs approvals.</summary>
internal sealed record Credential
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>User name as the cluster knows it; also the certificate's common name.</summary>
    public required string User { get; init; }

    public required IReadOnlyList<string> Groups { get; init; }

    public required string Token { get; init; }

    public required string CertificatePem { get; init; }

    public required string PrivateKeyPem { get; init; }

    public static bool Exists(StatePaths paths, string name) => File.Exists(FileOf(paths, name));

    /// <exception cref="CommandFailure">There is no such credential, or the file may not be read.</exception>
    public static Credential Load(StatePaths paths, string name)
    {
        var file = FileOf(paths, name);
        try
        {
            return JsonSerializer.Deserialize<Credential>(File.ReadAllBytes(file), Json)!;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure($"there is no credential '{name}' in {paths.Root}", "use --as you or --as approver; 'castellan up' creates both", inner: e);
        }
        catch (JsonException e)
        {
            throw new CommandFailure($"{file} is not readable as a credential: {e.Message}", "delete it and start again with 'castellan up', which writes it anew", inner: e);
        }
    }

    /// <summary>Writes the credential where only its owner can read it.</summary>
    public void Save(StatePaths paths)
    {
        var file = FileOf(paths, User);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var stream = new FileStream(file, options);
        JsonSerializer.Serialize(stream, this, Json);
    }

    /// <summary>The certificate with its private key; the caller disposes of it.</summary>
    public X509Certificate2 LoadCertificate() => X509Certificate2.CreateFromPem(CertificatePem, PrivateKeyPem);

    private static string FileOf(StatePaths paths, string name) => name.AsSpan().ContainsAny('/', '\0') || name is "" or "." or ".."
        ? throw new CommandFailure($"'{name}' is not the name of a credential", "use --as you or --as approver", ExitCode.Usage)
        : Path.Combine(paths.Root, "credentials", $"{name}.json");
}
