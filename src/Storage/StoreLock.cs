using System.Globalization;

namespace Castellan.Storage;

/// <summary>An advisory lock beside the database that the kernel frees when its holder dies, also by kill -9.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _holder;

    private StoreLock(FileStream file, string holder)
    {
        _file = file;
        _holder = holder;
    }

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
            File.WriteAllText(database + ".pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new(file, database + ".pid");
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            throw new StoreInUseException(
                $"the store '{database}' is in use by {Holder(database)}; stop that process, or choose another data directory", e);
        }
    }

    // In a file of its own, because a locked file cannot be read.
    private static string Holder(string database)
    {
        try
        {
            return "process " + File.ReadAllText(database + ".pid");
        }
        catch (IOException)
        {
            return "another process"; // the number is a courtesy; the refusal stands without it
        }
    }

    public void Dispose()
    {
        File.Delete(_holder);
        _file.Dispose();
    }
}
