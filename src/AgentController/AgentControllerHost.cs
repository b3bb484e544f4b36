using Castellan.AgentController.Agents;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Identity;
using Castellan.AgentController.Models;
using Castellan.AgentController.Policies;
using Castellan.AgentController.Spire;
using Castellan.AgentController.ToolServers;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;
using Castellan.KubeClient.Leases;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController;

/// <summary>The operator: keeps the cluster as Agents, ToolServers, ModelConfigs and AgentPolicies say.</summary>
/// <param name="kube">The cluster, and who the controller is to it. It is not disposed here.</param>
/// <param name="options">The installation.</param>
/// <param name="logs">Where it says what it does.</param>
/// <param name="election">Decides which of several replicas works; null where there is one.</param>
/// <param name="identity">The controller's own SVID, with which it asks agents for their cards; null leaves IdentityReady Unknown. It is not disposed here.</param>
public sealed class AgentControllerHost(KubeConnection kube, AgentControllerOptions options, ILoggerFactory logs, LeaderElection? election = null, IX509Source? identity = null)
    : BackgroundService, IHealthCheck
{
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when everything has been listed once and reconciling begins.</summary>
    public Task Ready => ready.Task;

    /// <summary>Healthy while it works, or stands by for the replica that does.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        election is not null || ready.Task.IsCompletedSuccessfully
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the first lists are not complete"));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new InvalidOperationException($"the controller's options are wrong: {string.Join("; ", faults)}");
        }
        if (election is null)
        {
            await WorkAsync(stoppingToken);
            return;
        }
        // A replica that loses the lease stands in line again.
        while (!stoppingToken.IsCancellationRequested)
        {
            await election.RunAsync(WorkAsync, stoppingToken);
        }
    }

    private async Task WorkAsync(CancellationToken ct)
    {
        var informers = new InformerSet(kube, logs);
        await using var events = new EventRecorder(kube, "castellan-controller", log: logs.CreateLogger<EventRecorder>());
        using var parts = new ControllerParts(kube, new ControllerCaches(informers, options.Identity), new StatusWriter(kube, events), options, logs)
            .AddModels()
            .AddPolicies()
            .AddToolServers()
            .AddAgents()
            .AddIdentity(identity);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] running = [informers.RunAsync(stop.Token), parts.RunAsync(stop.Token), AnnounceAsync(informers, stop.Token), SweepAsync(informers, parts, stop.Token)];
        try
        {
            await Task.WhenAny(running[0], running[1]); // neither ends on its own unless it fails: then the other shall end too
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    // A loop of its own ends with the others; it throws nothing.
    private async Task SweepAsync(InformerSet informers, ControllerParts parts, CancellationToken ct)
    {
        if (options.Identity != IdentityMode.Spire)
        {
            return;
        }
        await informers.WaitForSyncAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await new SpireSweep(kube, parts.Caches, logs.CreateLogger<SpireSweep>()).RunAsync(ct);
    }

    private async Task AnnounceAsync(InformerSet informers, CancellationToken ct)
    {
        try
        {
            await informers.WaitForSyncAsync(ct);
            ready.TrySetResult();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Told to stop before the first lists were complete.
        }
    }
}
