using System.Diagnostics;
using System.Text;

namespace Castellan.LocalCluster.Kubelet.Processes;

/// <summary>A started child: leader of its own session, so that its whole tree can be found and ended.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    public ChildProcess(Process process)
    {
        _process = process;
        Pid = process.Id;
        // A child that has ended already stays in the table as a zombie until it is waited for, unless that happened just now.
        StartTicks = ProcessStat.TryRead(Pid)?.StartTicks ?? 0;
        Exited = WaitAsync();
    }

    public int Pid { get; }

    public long StartTicks { get; }

    /// <summary>The exit code; 128 + signal when a signal killed it.</summary>
    public Task<int> Exited { get; }

    public Stream Output => _process.StandardOutput.BaseStream;

    public Stream Error => _process.StandardError.BaseStream;

    /// <summary>Asks the leader to end, as a container runtime does.</summary>
    public void Terminate() => Signal(Posix.SigTerm);

    /// <summary>Ends the leader and everything in its session and group.</summary>
    public void KillTree()
    {
        Signal(Posix.SigKill);
        Posix.KillGroup(Pid, Posix.SigKill);
        foreach (var stat in ProcessStat.All().Where(s => s.Session == Pid && s.State != 'Z')) Posix.Kill(stat.Pid, Posix.SigKill);
    }

    /// <summary>Ends every process whose first environment names this folder: what left the session is found by it.</summary>
    public static int KillBySandbox(string sandbox)
    {
        var marker = Encoding.UTF8.GetBytes($"{KubeClient.KubeConfig.SandboxMountPointVariable}={sandbox}");
        var killed = 0;
        foreach (var stat in ProcessStat.All())
        {
            if (stat.State != 'Z' && stat.Pid != Environment.ProcessId && Mentions(stat.Pid, marker) && Posix.Kill(stat.Pid, Posix.SigKill)) killed++;
        }
        return killed;
    }

    public void Dispose() => _process.Dispose();

    private void Signal(int signal)
    {
        // Until the exit is collected the pid cannot be anybody else's.
        if (!Exited.IsCompleted) Posix.Kill(Pid, signal);
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private static bool Mentions(int pid, byte[] marker)
    {
        try
        {
            var environment = File.ReadAllBytes($"/proc/{pid}/environ").AsSpan();
            while (!environment.IsEmpty)
            {
                var end = environment.IndexOf((byte)0);
                var variable = end < 0 ? environment : environment[..end];
                if (variable.StartsWith(marker) && (variable.Length == marker.Length || variable[marker.Length] == '/')) return true;
                environment = end < 0 ? [] : environment[(end + 1)..];
            }
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's
        }
    }
}
