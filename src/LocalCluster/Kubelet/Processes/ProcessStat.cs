using System.Globalization;

namespace Castellan.LocalCluster.Kubelet.Processes;

/// <summary>What the kernel says about a process. A pid alone names nobody: together with its start time it does.</summary>
/// <remarks>Source: proc(5), /proc/[pid]/stat.</remarks>
internal readonly record struct ProcessStat(int Pid, char State, int ParentPid, int Group, int Session, long StartTicks)
{
    public static ProcessStat? TryRead(int pid)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // gone
        }
        // The command's name may hold anything, blanks and brackets included; the rest starts after its last bracket.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcessStat(pid, fields[0][0], Int(fields[1]), Int(fields[2]), Int(fields[3]), long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    /// <summary>All processes there are now.</summary>
    public static IEnumerable<ProcessStat> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && TryRead(pid) is { } stat)
                yield return stat;
        }
    }

    private static int Int(string field) => int.Parse(field, CultureInfo.InvariantCulture);
}
