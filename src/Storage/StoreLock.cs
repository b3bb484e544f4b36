namespace Castellan.Storage;

/// <summary>An advisory lock beside the database that the kernel frees when its holder dies, also by kill -9.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <exception cref="StoreInUseException">Another holder has it.</exception>
    public static StoreLock Take(string database)
    {
        var path = database + ".lock";
        try
        {
            var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                BufferSize = 0,
            });
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString()));
            return new(file);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            throw new StoreInUseException(
                $"the store '{database}' is in use by {Holder(path)}; stop that process, or choose another data directory", e);
        }
    }

    private static string Holder(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            var pid = reader.ReadToEnd();
            return pid.Length > 0 ? "process " + pid : "another process";
        }
        catch (IOException)
        {
            return "another process"; // the holder's number is a courtesy; the refusal stands without it
        }
    }

    public void Dispose() => _file.Dispose();
}
