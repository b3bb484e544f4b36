using Castellan.KubeApi;
using Castellan.KubeApi.Coordination;
using Castellan.KubeClient.Leases;

namespace Castellan.KubeClient.Tests.Leases;

public sealed class LeaderElectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly NamespacedName Name = new("kube-system", "leader");

    [Fact]
    public async Task Run_WhenLeaderStops_LetsTheOtherLead()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        var options = new LeaderElectionOptions { Retry = TimeSpan.FromMilliseconds(20) };
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();

        var a = new LeaderElection(kube, Name, "a", options).RunAsync(ct => LeadAsync(first, ct), stopFirst.Token);
        await first.Task.WaitAsync(Patience);
        var b = new LeaderElection(kube, Name, "b", options).RunAsync(ct => LeadAsync(second, ct), stopSecond.Token);
        Assert.Equal("a", (await kube.GetAsync<Lease>(Name)).Spec.HolderIdentity);
        Assert.False(second.Task.IsCompleted);
        await stopFirst.CancelAsync();
        await a.WaitAsync(Patience);

        await second.Task.WaitAsync(Patience);
        var lease = await kube.GetAsync<Lease>(Name);
        Assert.Equal("b", lease.Spec.HolderIdentity);
        await stopSecond.CancelAsync();
        await b.WaitAsync(Patience);
    }

    private static async Task LeadAsync(TaskCompletionSource leading, CancellationToken ct)
    {
        leading.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
    }
}
