using Castellan.AgentController.Agents;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Models;
using Castellan.AgentController.ToolServers;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController;

/// <summary>The operator: keeps the cluster as Agents, ToolServers, ModelConfigs and AgentPolicies say.</summary>
/// <param name="kube">The cluster, and who the controller is to it. It is not disposed here.</param>
/// <param name="options">The installation.</param>
/// <param name="logs">Where it says what it does.</param>
public sealed class AgentControllerHost(KubeConnection kube, AgentControllerOptions options, ILoggerFactory logs) : BackgroundService
{
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when everything has been listed once and reconciling began.</summary>
    public Task Ready => ready.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Check(options);
        var informers = new InformerSet(kube, logs);
        await using var events = new EventRecorder(kube, "castellan-controller", log: logs.CreateLogger<EventRecorder>());
        using var parts = new ControllerParts(kube, new ControllerCaches(informers), new StatusWriter(kube, events), options, logs)
            .AddModels()
            .AddToolServers()
            .AddAgents();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var running = new[] { informers.RunAsync(stop.Token), parts.RunAsync(stop.Token), AnnounceAsync(informers, stop.Token) };
        try
        {
            await Task.WhenAny(running.Take(2)); // neither ends on its own unless it fails: then the other ends too
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    private static void Check(AgentControllerOptions options)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new InvalidOperationException($"the controller's options are wrong: {string.Join("; ", faults)}");
        }
    }

    private async Task AnnounceAsync(InformerSet informers, CancellationToken ct)
    {
        try
        {
            await informers.WaitForSyncAsync(ct);
            ready.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            ready.TrySetCanceled(ct);
        }
    }
}
