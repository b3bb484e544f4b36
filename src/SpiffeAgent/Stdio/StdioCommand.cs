using System.Diagnostics;

namespace Castellan.SpiffeAgent.Stdio;

/// <summary>The command that speaks MCP on standard input and output, and what it may see of our environment.</summary>
internal sealed record StdioCommand(IReadOnlyList<string> Words)
{
    /// <summary>
    /// Variables that name our identity and our control plane. The command is a third party's: it gets none of them, and so no way to
    /// the pod's SVID.
    /// </summary>
    private static readonly string[] s_withheld = ["SPIFFE_", "CASTELLAN_", "POD_", "KUBERNETES_", "DOTNET_", "ASPNETCORE_"];

    /// <summary>How to start it: standard error stays ours, so that it shows in the container's log.</summary>
    public ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(Words[0], Words.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(IsWithheld).ToList())
        {
            start.Environment.Remove(name);
        }

        return start;
    }

    /// <summary>True for a variable that the command does not get.</summary>
    public static bool IsWithheld(string name) => Array.Exists(s_withheld, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
