using System.Diagnostics;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.LocalCluster.Kubelet.Pods;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Tests.Kubelet;

public sealed class KubeletRestartTests
{
    [Fact]
    public async Task Restart_WhenContainersRanBefore_StartsThemAgainAndEndsLeftovers()
    {
        var first = await RunningCluster.StartAsync();
        var pod = await first.RunAsync("survivor", "exec sleep 1000");
        await first.UntilAsync<Pod>("survivor", p => p.Status?.Phase == "Running");
        await first.StopAsync();
        // What a kubelet killed with SIGKILL leaves: a process with the pod's mark, and a record of a pid that by now is somebody else's.
        var folder = Castellan.LocalCluster.Kubelet.PodFolder.Of(first.PodsFolder, pod.Metadata.Uid!);
        using var leftover = Start(folder.ContainerRoot("app"));
        using var stranger = Start(null);
        var stat = ProcessStat.TryRead(stranger.Id)!.Value;
        new RunRecord(stranger.Id, stat.StartTicks + 1, (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim(), "process://x", 0, DateTime.UnixEpoch)
            .Write(folder.RunFile("app"));

        await using var second = await RunningCluster.StartAsync(first.Folder, first.PodsFolder);
        var seen = await second.UntilAsync<Pod>("survivor", p => p.Status?.ContainerStatuses?[0] is { RestartCount: 1, State.Running: not null });

        Assert.Equal((255, "Unknown"), (seen.Status!.ContainerStatuses![0].LastState!.Terminated!.ExitCode, seen.Status.ContainerStatuses[0].LastState!.Terminated!.Reason));
        await leftover.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Fact]
    public async Task Start_WhenPodWasDeletedMeanwhile_RemovesItsFolder()
    {
        var first = await RunningCluster.StartAsync();
        var orphan = Directory.CreateDirectory(Path.Combine(first.PodsFolder, "0000-gone", "containers", "app")).FullName;
        await first.StopAsync();

        await using var second = await RunningCluster.StartAsync(first.Folder, first.PodsFolder);

        Assert.False(Directory.Exists(orphan));
    }

    private static Process Start(string? sandbox)
    {
        var start = new ProcessStartInfo("sleep", "600");
        if (sandbox is not null) start.Environment[KubeConfig.SandboxMountPointVariable] = sandbox;
        return Process.Start(start)!;
    }
}
