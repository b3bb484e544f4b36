using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Tests.Kubelet;

public sealed class ProbeTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private readonly RunningCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Liveness_WhenItFails_RestartsTheContainer()
    {
        await _cluster.RunAsync("sick", "exec sleep 1000", p => p.Spec.Containers[0].LivenessProbe =
            new Probe { PeriodSeconds = 1, FailureThreshold = 1, Exec = new ExecAction { Command = ["false"] } });

        var seen = await _cluster.UntilAsync<Pod>("sick", p => p.Status?.ContainerStatuses?[0].RestartCount >= 1);

        Assert.NotNull(seen.Status!.ContainerStatuses![0].LastState?.Terminated);
        Assert.Equal("Container app failed liveness probe, will be restarted", (await _cluster.EventAsync("sick", "Killing")).Message);
    }

    [Fact]
    public async Task Readiness_WhenNothingListens_SaysConnectionRefused()
    {
        await _cluster.RunAsync("deaf", "exec sleep 1000", p => p.Spec.Containers[0].ReadinessProbe =
            new Probe { PeriodSeconds = 1, HttpGet = new HttpGetAction { Path = "/readyz", Port = 8081 } });

        var unhealthy = await _cluster.EventAsync("deaf", "Unhealthy");

        Assert.Matches("^Readiness probe failed: Get \"http://127\\.\\d+\\.\\d+\\.\\d+:8081/readyz\": dial tcp 127\\.\\d+\\.\\d+\\.\\d+:8081: connect: connection refused$", unhealthy.Message);
        var pod = await _cluster.Kube.GetAsync<Pod>(new("default", "deaf"));
        Assert.False(pod.Status!.ContainerStatuses![0].Ready);
        Assert.True(pod.Status.ContainerStatuses[0].Started);
    }

    [Fact]
    public async Task Startup_WhenItSucceedsLate_HoldsTheOthersBack()
    {
        await _cluster.RunAsync("slow", "sleep 1.5; touch $HOME/up; exec sleep 1000", p =>
        {
            p.Spec.Containers[0].StartupProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 20, Exec = new ExecAction { Command = ["test", "-e", "up"] } };
            p.Spec.Containers[0].LivenessProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 1, Exec = new ExecAction { Command = ["test", "-e", "up"] } };
        });

        var seen = await _cluster.UntilAsync<Pod>("slow", p => p.Status?.ContainerStatuses?[0] is { Started: true, Ready: true });

        Assert.Equal(0, seen.Status!.ContainerStatuses![0].RestartCount);
    }
}
