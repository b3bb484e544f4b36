using Castellan.Storage;
using Castellan.Storage.Claims;
using Castellan.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests.Replicas;

/// <summary>Several sidecars in this process, each with a store of its own upon one PostgreSQL database.</summary>
internal sealed class ReplicaSet(string connection, TimeProvider clock) : IAsyncDisposable
{
    private readonly List<One> _all = [];

    public RecordingLoggers Loggers { get; } = new();

    public static async Task<ReplicaSet> StartAsync(int count, TimeProvider? clock = null)
    {
        var set = new ReplicaSet(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(), clock ?? TimeProvider.System);
        for (var i = 0; i < count; i++)
        {
            await set.AddAsync();
        }

        return set;
    }

    public One this[int index] => _all[index];

    public async Task<One> AddAsync()
    {
        var store = await Store.OpenAsync(new() { Location = StoreLocation.Postgres(connection), Migrations = [EmbeddedSidecar.Schema, EffectClaims.Schema] }, CancellationToken.None);
        var sidecar = await EmbeddedSidecar.StartAsync(store, new() { ReplicaLease = TimeSpan.FromSeconds(30), Clock = clock, Loggers = Loggers }, CancellationToken.None);
        var one = new One(this, store, sidecar);
        _all.Add(one);
        return one;
    }

    /// <summary>Makes the others take a replica for dead that is not.</summary>
    public Task EndLeaseAsync(One of) => _all.Find(one => one != of)!.Store.WriteAsync(
        unit => unit.Execute("update workflow_replica set alive_until = clock_timestamp() - interval '1 second' where key = $1", of.Sidecar.ReplicaKey!.Value), CancellationToken.None);

    public Task<long> CountAsync(string sql) => _all[0].Store.ReadAsync(view => view.First(sql, row => row.GetInt64(0)), CancellationToken.None);

    /// <summary>Waits for what another replica does at its own pace.</summary>
    public static async Task UntilAsync(Func<Task<bool>> reached)
    {
        var limit = TestSidecar.Limit();
        while (!await reached())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _all)
        {
            await one.DisposeAsync();
        }
    }

    internal sealed class One(ReplicaSet set, Store store, EmbeddedSidecar sidecar) : IAsyncDisposable
    {
        private readonly List<IHost> _hosts = [];
        private bool _left;

        public Store Store => store;

        public EmbeddedSidecar Sidecar => sidecar;

        public TaskHub Hub => sidecar.Hub("test");

        public DaprWorkflowClient Client => Hub.CreateClient();

        public async Task AddWorkerAsync(Action<WorkflowRuntimeOptions> configure)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new());
            builder.Services.AddSingleton<ILoggerFactory>(set.Loggers);
            builder.Services.AddDaprWorkflow(configure).UseInMemory(Hub);
            var host = builder.Build();
            await host.StartAsync();
            _hosts.Add(host);
        }

        public async Task RemoveWorkersAsync()
        {
            foreach (var host in _hosts)
            {
                await host.StopAsync();
                host.Dispose();
            }

            _hosts.Clear();
        }

        public Task<WorkflowState> WaitAsync(string id) => Client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());

        /// <summary>Stops in order.</summary>
        public async ValueTask DisposeAsync()
        {
            if (!_left)
            {
                _left = true;
                await RemoveWorkersAsync();
                await sidecar.DisposeAsync();
                await store.DisposeAsync();
            }
        }
    }
}
