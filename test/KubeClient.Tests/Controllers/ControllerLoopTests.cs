using System.Threading.Channels;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Informers;
using Castellan.KubeClient.WorkQueue;

namespace Castellan.KubeClient.Tests.Controllers;

public sealed class ControllerLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Run_WhenReconcileFails_TriesAgainUntilItSucceeds()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        await kube.CreateAsync(new ConfigMap { Metadata = { Name = "a", Namespace = "default" } });
        var informer = new Informer<ConfigMap>(kube);
        var reconciler = new Failing(3);
        using var loop = new ControllerLoop<ConfigMap>(
            reconciler, TimeProvider.System, new ControllerOptions { Backoff = new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)) }).For(informer);
        using var stop = new CancellationTokenSource();
        var running = Task.WhenAll(informer.RunAsync(stop.Token), loop.RunAsync(stop.Token));

        for (var i = 0; i < 4; i++) Assert.Equal("default/a", (await reconciler.Calls.Reader.ReadAsync().AsTask().WaitAsync(Patience)).ToString());

        await stop.CancelAsync();
        await running.WaitAsync(Patience);
        Assert.False(reconciler.Calls.Reader.TryRead(out _));
    }

    private sealed class Failing(int times) : IReconciler<ConfigMap>
    {
        private int _left = times;

        public Channel<NamespacedName> Calls { get; } = Channel.CreateUnbounded<NamespacedName>();

        public Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
        {
            Calls.Writer.TryWrite(key);
            return _left-- > 0 ? throw new InvalidOperationException("not yet") : Task.FromResult(ReconcileResult.Done);
        }
    }
}
