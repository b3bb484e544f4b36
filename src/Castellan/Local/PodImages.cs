using Castellan.AgentApi.Workloads;
using Castellan.LocalCluster.Kubelet;

namespace Castellan.Cli.Local;

/// <summary>Which of our programs run for which image.</summary>
internal static class PodImages
{
    // Of examples/02-evil-agent. It is an agent's program like any other: there is nothing that it must not be given.
    private const string EvilAgent = "castellan.dev/examples/evil-agent";

    private const UnixFileMode ReadableByAll = UnixFileMode.OtherRead;

    /// <summary>
    /// The programs that stand beside this one. Pods of root's cluster run under uids of their own, which may be unable to reach
    /// them there (a checkout under /root): then they are copied into the state directory, once per build.
    /// </summary>
    public static IReadOnlyDictionary<string, ImageCommand> Table(StatePaths paths)
    {
        var folder = StatePaths.IsRoot && !IsReachable(AppContext.BaseDirectory) ? Staged(paths) : AppContext.BaseDirectory;
        ImageCommand Program(string name) => new(Path.Combine(folder, name), []);
        return new Dictionary<string, ImageCommand>
        {
            [WorkloadImages.AgentRuntime] = Program("Castellan.AgentRuntime"),
            [WorkloadImages.McpServers] = Program("Castellan.McpServers"),
            [WorkloadImages.SpiffeAgent] = Program("Castellan.SpiffeAgent"),
            [EvilAgent] = Program("Castellan.EvilAgent"),
        };
    }

    private static bool IsReachable(string folder)
    {
        for (var directory = new DirectoryInfo(folder); directory is not null; directory = directory.Parent)
        {
            if (!directory.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }
        return new DirectoryInfo(folder).UnixFileMode.HasFlag(ReadableByAll);
    }

    private static string Staged(StatePaths paths)
    {
        var build = File.GetLastWriteTimeUtc(Path.Combine(AppContext.BaseDirectory, "castellan.dll")).Ticks.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        var target = Path.Combine(paths.Images, build);
        if (Directory.Exists(target))
        {
            return target;
        }
        foreach (var old in Directory.EnumerateDirectories(paths.Images))
        {
            Directory.Delete(old, recursive: true);
        }
        var copying = target + ".new";
        Directory.CreateDirectory(copying);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(copying, Path.GetFileName(file)));
        }
        Directory.Move(copying, target); // whole or not at all
        return target;
    }
}
