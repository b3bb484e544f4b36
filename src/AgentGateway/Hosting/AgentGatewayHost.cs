using Castellan.AgentGateway.Access;
using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Budgets;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Mcp;
using Castellan.AgentGateway.Metering;
using Castellan.AgentGateway.Policies;
using Castellan.AgentGateway.Runs;
using Castellan.AgentGateway.Storage;
using Castellan.AgentGateway.Audit;
using Castellan.AgentGateway.Audit.Delivery;
using Castellan.Audit.Transparency;
using Castellan.KubeClient.Controllers;
using Castellan.ServiceDefaults.Mcp;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Hosting;

/// <summary>The gateway as a hosted service: composed by the daemon in local mode, alone in its own process on a cluster.</summary>
/// <param name="setup">What the composer provides.</param>
/// <param name="logs">Where it says what it does.</param>
public sealed class AgentGatewayHost(GatewaySetup setup, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private Store? _store;
    private EmbeddedSidecar? _sidecar;
    private WebApplication? _workload;
    private WebApplication? _edge;
    private McpHttpHost? _mcp;
    private McpHttpHost? _oneServer;
    private ControllerLoop<AgentApi.V1Alpha1.ToolServer>? _discovery;

    /// <summary>Where agents reach the gateway; known once started.</summary>
    public Uri WorkloadAddress => GatewayListeners.AddressOf(_workload ?? throw NotStarted());

    /// <summary>Where people reach the gateway; known once started.</summary>
    public Uri EdgeAddress => GatewayListeners.AddressOf(_edge ?? throw NotStarted());

    /// <summary>True once it listens.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>What is wrong with the policies that are declared: their last good versions are in force. Empty when nothing is.</summary>
    public IReadOnlyList<string> PolicyFaults => [.. Services.GetRequiredService<PolicyInForce>().Faults.Select(f => f.ToString())];

    /// <summary>Why calls do not go on: the sidecar that keeps their history is away or refuses this process. Null while the gateway is attached to it.</summary>
    public string? SidecarProblem => Services.GetRequiredService<WorkerConnection>() is { IsConnected: false } lost ? lost.Problem ?? "it has not answered yet" : null;

    /// <summary>Puts into the audit log whom a door that the composer keeps turned away; returns at once. Before the start nothing is taken.</summary>
    public void Record(TurnedAway seen) => _workload?.Services.GetRequiredService<AccessRecords>().Post(seen);

    internal IServiceProvider Services => (_workload ?? throw NotStarted()).Services;

    /// <summary>Opens the store, reads the cluster once, takes up what a crash left, and listens.</summary>
    /// <exception cref="InvalidOperationException">The options have faults; the message names all of them.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (setup.Options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new InvalidOperationException($"the gateway's options are wrong: {string.Join("; ", faults)}");
        }

        _store = await Store.OpenAsync(
            new StoreOptions
            {
                Location = setup.Options.Location(),
                Migrations = GatewaySchema.All,
                SchemaChange = setup.Options.AllowSchemaChange ? SchemaChange.OperatorHasBackup : SchemaChange.WithBackup,
                MaxBytes = setup.Options.StoreMaxMegabytes > 0 ? (long)setup.Options.StoreMaxMegabytes << 20 : null,
                Clock = setup.Clock,
            }, cancellationToken);
        var auditKey = AuditKeyFile.LoadOrCreate(setup.Options.DataDirectory, $"{setup.Options.TrustDomain}/audit", await TransparencyLog.IsSignedAsync(_store, cancellationToken));
        _sidecar = await GatewaySidecar.OpenAsync(_store, setup, logs, cancellationToken);
        _workload = GatewayListeners.BuildWorkload(setup, _store, _sidecar, auditKey, logs);
        await ReadClusterAsync(cancellationToken);
        await _workload.StartAsync(cancellationToken);
        await Services.GetRequiredService<RunWatch>().RecoverAsync(cancellationToken);
        await Services.GetRequiredService<ICallHub>().RecoverAsync(cancellationToken);
        await Services.GetRequiredService<ApprovalDesk>().RecoverAsync(cancellationToken);
        await StartEdgeAsync(cancellationToken);
        IsStarted = true;
        HostingLog.Started(logs.CreateLogger<AgentGatewayHost>(), WorkloadAddress, EdgeAddress);
    }

    /// <summary>Stops taking requests, lets those in flight end, and closes the store.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var app in new[] { _edge, _workload })
        {
            if (app is not null)
            {
                await app.StopAsync(cancellationToken);
            }
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _discovery?.Dispose();
        foreach (var part in new IAsyncDisposable?[] { _mcp, _oneServer, _edge, _workload, _sidecar, _store })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        _stopping.Dispose();
    }

    /// <summary>Policies and tools are known before the first call is taken: an unread policy would deny, but an unread Deny must not allow.</summary>
    private async Task ReadClusterAsync(CancellationToken ct)
    {
        var cluster = Services.GetRequiredService<ClusterCatalog>();
        _discovery = Services.GetRequiredService<ToolDiscovery>().Loop();
        _running.Add(cluster.RunAsync(_stopping.Token));
        await cluster.WaitForSyncAsync(ct);
        Services.GetRequiredService<PolicyRecorder>().Start();
        Services.GetRequiredService<PolicyInForce>().Start();
        Services.GetRequiredService<BudgetsInForce>().Start();
        _running.Add(_discovery.RunAsync(_stopping.Token));
        _running.Add(Services.GetRequiredService<BudgetReports>().RunAsync(_stopping.Token));
        _running.Add(Services.GetRequiredService<AuditSequencer>().RunAsync(_stopping.Token));
        _running.Add(Services.GetRequiredService<AuditRetentionLoop>().RunAsync(_stopping.Token));
        _running.Add(Services.GetRequiredService<GatewayGauges>().RunAsync(_stopping.Token));
        var delivery = Services.GetRequiredService<AuditDelivery>();
        await delivery.StartAsync(ct);
        _running.Add(delivery.RunAsync(_stopping.Token));
    }

    private async Task StartEdgeAsync(CancellationToken ct)
    {
        var edge = Services.GetRequiredService<McpEdge>();
        _mcp = new McpHttpHost(edge.ServerOptions(), edge.HttpOptions(), logs, Services, setup.Clock);
        _oneServer = new McpHttpHost(Services.GetRequiredService<ServerEdge>().ServerOptions(), edge.HttpOptions(), logs, Services, setup.Clock);
        _edge = GatewayListeners.BuildEdge(setup, Services, logs);
        _mcp.Map(_edge, McpEdge.Pattern);
        _oneServer.Map(_edge, McpEdge.ServerPattern);
        var changes = new ListNews(
            [_mcp, _oneServer], Services.GetRequiredService<ToolCatalog>(), Services.GetRequiredService<ToolServerLinks>(), Services.GetRequiredService<PolicyInForce>(), logs.CreateLogger<ListNews>());
        _running.Add(changes.RunAsync(_stopping.Token));
        await _edge.StartAsync(ct);
    }

    private static InvalidOperationException NotStarted() => new("the gateway has not started; start it first");
}
