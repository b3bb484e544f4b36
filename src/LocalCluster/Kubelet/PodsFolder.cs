using System.Security.Cryptography;
using System.Text;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Chooses the folder of the pods' files.</summary>
internal static class PodsFolder
{
    private const string Shared = "/run/castellan";

    // Names the data directory that a folder belongs to.
    private const string OwnerFile = "data-directory";

    /// <summary>Beside the cluster's state; for pods of other users, who may not pass the folders above that, under /run with a name made from it.</summary>
    public static string Default(string dataDirectory)
    {
        var folder = PathOf(dataDirectory);
        if (!Posix.IsRoot) return folder;
        Folders.Make(Shared, Folders.Passage);
        Sweep();
        Folders.Make(folder, Folders.Passage);
        File.WriteAllText(Path.Combine(folder, OwnerFile), Path.GetFullPath(dataDirectory));
        return folder;
    }

    /// <summary>Deletes the folder of a cluster that is gone for good.</summary>
    public static void Forget(string dataDirectory) => Delete(PathOf(dataDirectory));

    // A cluster that was deleted without a word, as tests do, leaves its folder; who starts next clears it.
    private static void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(Shared))
        {
            var owner = Path.Combine(folder, OwnerFile);
            if (File.Exists(owner) && File.ReadAllText(owner) is { Length: > 0 } data && !Directory.Exists(data)) Delete(folder);
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // There was none, or another start was faster.
        }
    }

    private static string PathOf(string dataDirectory)
    {
        var data = Path.GetFullPath(dataDirectory);
        return Posix.IsRoot ? Path.Combine(Shared, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))[..12]) : Path.Combine(data, "pods");
    }
}
