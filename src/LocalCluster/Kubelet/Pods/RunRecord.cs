using System.Text.Json;
using Castellan.KubeApi;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>What is written down about a started container, so that whoever comes after a crash finds what is left of it.</summary>
internal sealed record RunRecord(int Pid, long StartTicks, string BootId, string ContainerId, int RestartCount, DateTime StartedAt)
{
    private static readonly string ThisBoot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    public static RunRecord Of(ChildProcess child, string containerId, int restartCount, DateTime startedAt) =>
        new(child.Pid, child.StartTicks, ThisBoot, containerId, restartCount, startedAt);

    public static RunRecord? TryRead(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<RunRecord>(File.ReadAllBytes(file), KubeJson.Options);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // never started, or the crash came while it was written: the sandbox's name still finds its processes
        }
    }

    public void Write(string file)
    {
        var next = file + ".new";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(this, KubeJson.Options));
        File.Move(next, file, overwrite: true);
    }

    /// <summary>Ends the recorded process if it is still the same one: same boot, same pid, same start.</summary>
    public bool KillLeftover()
    {
        if (BootId != ThisBoot || ProcessStat.TryRead(Pid) is not { } stat || stat.StartTicks != StartTicks || stat.State == 'Z') return false;
        Posix.KillGroup(Pid, Posix.SigKill);
        return Posix.Kill(Pid, Posix.SigKill);
    }
}
