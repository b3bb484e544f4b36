using Castellan.Audit.Transparency;

namespace Castellan.AgentGateway.Audit;

/// <summary>The audit log's own key, in a file that only the gateway reads. It signs checkpoints and nothing else.</summary>
internal static class AuditKeyFile
{
    private const string Name = "audit-log.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the key, or makes one at the first start.</summary>
    /// <param name="folder">The gateway's folder.</param>
    /// <param name="origin">Name of the log.</param>
    /// <param name="isSigned">Whether the log has a checkpoint: then its key must be there.</param>
    /// <exception cref="InvalidOperationException">
    /// The file is missing, not a key, or another log's. A new key would make every remembered checkpoint worthless, so none is made in its place.
    /// </exception>
    internal static NoteSigner LoadOrCreate(string folder, string origin, bool isSigned)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            if (isSigned)
            {
                throw new InvalidOperationException($"{path}, the key that signed the audit log, is missing; put it back from a backup, or from another gateway of this database: they have one key");
            }

            Create(path, origin);
        }

        try
        {
            var key = NoteSigner.Parse(File.ReadAllText(path));
            return key.Verifier.Name == origin ? key
                : throw new InvalidOperationException($"{path} is the key of the log '{key.Verifier.Name}', not of '{origin}'; put back the right key, or the trust domain that it was made for");
        }
        catch (FormatException error)
        {
            throw new InvalidOperationException($"{path} is not the audit log's key: {error.Message}; put it back from a backup", error);
        }
    }

    // Complete or absent: a crash between leaves the temporary file only.
    private static void Create(string path, string origin)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute); // nobody has, when the store lies elsewhere
        using var key = new NoteSigner(origin, NoteSigner.NewKey());
        var temporary = $"{path}.new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes($"{key.Export()}\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
    }
}
