using System.Collections.Concurrent;
using Castellan.Storage;
using Castellan.Workflows.Sidecar;
using Castellan.Workflows.Sidecar.Replicas;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Workflows;

/// <summary>
/// Durable orchestrations in this process, over a <see cref="Store"/>: what daprd is on a cluster. It keeps one isolated <see cref="TaskHub"/> for each
/// name, gives work to attached workers at least once, and takes up after a crash where the store says it stopped.
/// </summary>
/// <example>
/// <code>
/// await using var store = await Store.OpenAsync(new() { Location = StoreLocation.Sqlite(path), Migrations = [EmbeddedSidecar.Schema, AuditLog.Schema] }, ct);
/// await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { LocalHubs = ["gateway"], Loggers = loggers }, ct);
/// sidecar.MapGrpc(app, context =&gt; PeerSpiffeId(context)?.ToString()); // an agent's hub is its SPIFFE ID; null: refused
/// </code>
/// </example>
public sealed class EmbeddedSidecar : IAsyncDisposable
{
    private static readonly TimeSpan LeaseCheckPeriod = TimeSpan.FromSeconds(1);

    private readonly Store _store;
    private readonly ConcurrentDictionary<string, TaskHub> _hubs = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _local;
    private Replica? _replica;
    private ReplicaLoop? _among;
    private Task _leases = Task.CompletedTask;
    private Task _retention = Task.CompletedTask;
    private bool _disposed;

    private EmbeddedSidecar(Store store, EmbeddedSidecarOptions options)
    {
        _store = store;
        Options = options;
        _local = new(options.LocalHubs, StringComparer.Ordinal);
    }

    /// <summary>The tables it needs: give it to <see cref="StoreOptions.Migrations"/>.</summary>
    public static MigrationSet Schema => HubSchema.Migrations;

    internal EmbeddedSidecarOptions Options { get; }

    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts the sidecar and takes up all pending work of all hubs.</summary>
    public static async Task<EmbeddedSidecar> StartAsync(Store store, EmbeddedSidecarOptions options, CancellationToken ct)
    {
        var sidecar = new EmbeddedSidecar(store, options);
        if (store.Shared is not null)
        {
            await sidecar.JoinAsync(ct).ConfigureAwait(false);
        }
        else
        {
            await sidecar.RecoverAsync(ct).ConfigureAwait(false);
        }

        sidecar._leases = Task.Run(sidecar.EndLeasesAsync, CancellationToken.None);
        if (options.Retention is not null || options.ClaimRetention is not null)
        {
            sidecar._retention = Task.Run(new SidecarRetention(sidecar, store, sidecar.Stopping).RunAsync, CancellationToken.None);
        }

        return sidecar;
    }

    /// <summary>Names of the hubs that hold something, whichever replica uses them, or were used here.</summary>
    public async Task<IReadOnlyList<string>> HubNamesAsync(CancellationToken ct) =>
        [.. (await StoredHubsAsync(ct).ConfigureAwait(false)).Union(_hubs.Keys).Order(StringComparer.Ordinal)];

    // From hub to hub along the index: a plain "distinct" would read every instance.
    private Task<List<string>> StoredHubsAsync(CancellationToken ct) => _store.ReadAsync(view => view.Query(
        "with recursive hubs(hub) as (select min(hub) from workflow_instance union all "
        + "select (select min(i.hub) from workflow_instance i where i.hub > hubs.hub) from hubs where hubs.hub is not null) select hub from hubs where hub is not null",
        row => row.GetString(0)), ct);

    private async Task RecoverAsync(CancellationToken ct)
    {
        foreach (var name in await StoredHubsAsync(ct).ConfigureAwait(false))
        {
            await Hub(name).RecoverAsync(ct).ConfigureAwait(false);
        }
    }

    // Others may work on what is pending; what is free is taken up when a worker attaches.
    private async Task JoinAsync(CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Options.ReplicaLease, TimeSpan.FromSeconds(1));
        _replica = new Replica(_store, Options.ReplicaLease, TimeProvider.System); // the database counts real time, whatever clock the options have
        await _replica.JoinAsync(ct).ConfigureAwait(false);
        _among = new ReplicaLoop(_replica, this);
    }

    /// <summary>The hub of a name; made at first use.</summary>
    public TaskHub Hub(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_hubs.TryGetValue(name, out var hub))
        {
            return hub;
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _hubs.GetOrAdd(name, key => new TaskHub(new HubCore(key, _store, Options, _replica)));
        }
    }

    /// <summary>Serves workers and clients over gRPC (HTTP/2 endpoints only).</summary>
    /// <param name="app">The application that listens; who may connect is its business.</param>
    /// <param name="hubOf">The hub of a request's authenticated caller; <see langword="null"/> answers Unauthenticated. A local hub is refused whatever it says.</param>
    public IEndpointConventionBuilder MapGrpc(IEndpointRouteBuilder app, Func<HttpContext, string?> hubOf) => TaskHubEndpoints.Map(app, this, hubOf);

    /// <summary>Its key among the replicas of the database; null when it has the store for itself.</summary>
    internal long? ReplicaKey => _replica?.Key;

    /// <summary>Activities of all hubs here that are scheduled and not done.</summary>
    public int OutstandingActivities => _hubs.Values.Sum(hub => hub.OutstandingActivities);

    internal IEnumerable<TaskHub> Hubs => _hubs.Values;

    internal TaskHub? FindHub(string name) => _hubs.GetValueOrDefault(name);

    internal bool IsLocal(string hub) => _local.Contains(hub);

    private async Task EndLeasesAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(LeaseCheckPeriod, Options.Clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var hub in _hubs.Values)
            {
                await hub.EndLeasesAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the streams of remote workers and stops. Stop the workers of this process first; the store stays open.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _leases.ConfigureAwait(false);
        await _retention.ConfigureAwait(false);
        if (_among is not null)
        {
            await _among.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var hub in _hubs.Values)
        {
            await hub.CloseAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }
}
