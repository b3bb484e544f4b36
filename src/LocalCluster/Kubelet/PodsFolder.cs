using System.Security.Cryptography;
using System.Text;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Chooses the folder of the pods' files.</summary>
internal static class PodsFolder
{
    /// <summary>Beside the cluster's state; for pods of other users, who may not pass the folders above that, under /run with a name made from it.</summary>
    public static string Default(string dataDirectory)
    {
        var data = Path.GetFullPath(dataDirectory);
        if (!Posix.IsRoot) return Path.Combine(data, "pods");
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))[..12];
        return Folders.Make(Path.Combine(Folders.Make("/run/castellan", Folders.Passage), name), Folders.Passage);
    }
}
