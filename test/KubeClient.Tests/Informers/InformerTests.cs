using System.Threading.Channels;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient.Informers;

namespace Castellan.KubeClient.Tests.Informers;

public sealed class InformerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Run_WhenObjectsChange_TellsAddedUpdatedDeleted()
    {
        await using var world = await World.StartAsync();
        var created = await world.CreateAsync("a");
        Assert.Equal((InformerEventType.Added, "a"), await world.NextAsync());

        await world.Kube.ReplaceAsync(created);
        Assert.Equal((InformerEventType.Updated, "a"), await world.NextAsync());

        await world.Kube.DeleteAsync<ConfigMap>(created.Key);
        Assert.Equal((InformerEventType.Deleted, "a"), await world.NextAsync());
        Assert.Empty(world.Informer.Items);
        Assert.True(world.Informer.HasSynced);
    }

    [Fact]
    public async Task Run_WhenWatchExpires_ListsAgainAndSendsTombstones()
    {
        await using var world = await World.StartAsync();
        var doomed = await world.CreateAsync("doomed");
        await world.NextAsync();

        // While the watch is refused, an object goes and another comes, and the history is dropped.
        var refuse = true;
        world.Server.Override = http =>
        {
            if (!refuse || http.Request.Query["watch"] != "1") return Task.FromResult(false);
            http.Response.StatusCode = 500;
            return Task.FromResult(true);
        };
        world.Server.BreakWatches();
        await world.Kube.DeleteAsync<ConfigMap>(doomed.Key);
        await world.CreateAsync("new");
        world.Server.Compact();
        refuse = false;

        var seen = new[] { await world.NextAsync(), await world.NextAsync() };
        Assert.Contains((InformerEventType.Added, "new"), seen);
        Assert.Contains((InformerEventType.Deleted, "doomed"), seen);
        Assert.True(world.LastDeletionWasTombstone);
    }

    [Fact]
    public async Task Run_WhenWatchEnds_GoesOnFromLastVersion()
    {
        await using var world = await World.StartAsync();
        await world.CreateAsync("a");
        await world.NextAsync();
        world.Server.BreakWatches();

        await world.CreateAsync("b");

        Assert.Equal((InformerEventType.Added, "b"), await world.NextAsync());
        Assert.Single(world.Server.Requests, r => r.Method == "GET" && !r.PathAndQuery.Contains("watch=1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OwnedBy_WhenOwnerChanges_FollowsTheIndex()
    {
        await using var world = await World.StartAsync();
        var child = new ConfigMap
        {
            Metadata = { Name = "child", Namespace = "default", OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Pod", Name = "p", Uid = "u1" }] },
        };
        child = await world.Kube.CreateAsync(child);
        await world.NextAsync();
        Assert.Single(world.Informer.OwnedBy("u1"));

        child.Metadata.OwnerReferences![0].Uid = "u2";
        await world.Kube.ReplaceAsync(child);
        await world.NextAsync();

        Assert.Empty(world.Informer.OwnedBy("u1"));
        Assert.Single(world.Informer.OwnedBy("u2"));
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly Channel<(InformerEventType, string)> _events = Channel.CreateUnbounded<(InformerEventType, string)>();
        private readonly CancellationTokenSource _stop = new();
        private Task _running = Task.CompletedTask;

        private World(StubApiServer server)
        {
            Server = server;
            Kube = new KubeConnection(server.Config);
            Informer = new Informer<ConfigMap>(Kube, new InformerOptions { Backoff = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)) });
            Informer.Subscribe(e =>
            {
                if (e.Type == InformerEventType.Deleted) LastDeletionWasTombstone = e.IsTombstone;
                _events.Writer.TryWrite((e.Type, e.Object.Metadata.Name!));
            });
        }

        public StubApiServer Server { get; }

        public KubeConnection Kube { get; }

        public Informer<ConfigMap> Informer { get; }

        public bool LastDeletionWasTombstone { get; private set; }

        public static async Task<World> StartAsync()
        {
            var world = new World(await StubApiServer.StartAsync());
            world._running = world.Informer.RunAsync(world._stop.Token);
            await world.Informer.WaitForSyncAsync(CancellationToken.None).WaitAsync(Patience);
            return world;
        }

        public Task<ConfigMap> CreateAsync(string name) => Kube.CreateAsync(new ConfigMap { Metadata = { Name = name, Namespace = "default" } });

        public Task<(InformerEventType, string)> NextAsync() => _events.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            Kube.Dispose();
            await Server.DisposeAsync();
        }
    }
}
