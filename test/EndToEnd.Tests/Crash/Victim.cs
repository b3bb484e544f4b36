using System.Diagnostics;
using System.Globalization;

namespace Castellan.EndToEnd.Tests.Crash;

/// <summary>A process that is killed, and told by a part of its command line.</summary>
internal sealed record Victim(string Name, string? Program)
{
    public static IReadOnlyList<Victim> All { get; } =
    [
        new("the daemon", null),
        new("the agent pod", "AgentRuntime"),
        new("the Cluster server", "McpServers"),
        new("the ledger", "ledger.mjs"),
        new("the ledger's proxy", "SpiffeAgent"),
    ];

    public bool IsDaemon => Program is null;

    /// <summary>Kill -9, as the kernel does when memory is short; a person who starts it again right after does not wait for its end either.</summary>
    public void Kill(int daemon)
    {
        foreach (var pid in Program is null ? [daemon] : DescendantsOf(daemon, Program))
        {
            using var kill = Process.Start("kill", ["-9", $"{pid}"]);
            kill.WaitForExit();
        }
    }

    private static List<int> DescendantsOf(int ancestor, string program) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!, CultureInfo.InvariantCulture))
            .Where(pid => ReadOrEmpty($"/proc/{pid}/cmdline").Contains(program, StringComparison.Ordinal) && IsDescendant(pid, ancestor)),
    ];

    private static bool IsDescendant(int pid, int ancestor)
    {
        while (pid > 1)
        {
            var stat = ReadOrEmpty($"/proc/{pid}/stat");
            if (stat.Length == 0)
            {
                return false;
            }
            pid = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            if (pid == ancestor)
            {
                return true;
            }
        }
        return false;
    }

    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // it ended meanwhile
        }
    }
}
