using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Makes folders with exact permissions, whatever the umask.</summary>
internal static class Folders
{
    /// <summary>Others may pass through, not look.</summary>
    public const UnixFileMode Passage = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The owner's alone.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The owner's, and readable by its group.</summary>
    public const UnixFileMode GroupReadable = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>Readable by all who can get there.</summary>
    public const UnixFileMode Readable = GroupReadable | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static string Make(string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>A folder that belongs to the user of a pod; to us when pods share our uid.</summary>
    public static string MakeFor(int? uid, string path)
    {
        Make(path, Private);
        if (uid is { } owner) Posix.Own(path, owner);
        return path;
    }
}
