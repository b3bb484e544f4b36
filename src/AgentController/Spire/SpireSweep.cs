using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.Spire;

/// <summary>Takes away registrations whose Agent or ToolServer went while no controller ran; the reconcilers do it at once otherwise.</summary>
internal sealed class SpireSweep(KubeConnection kube, ControllerCaches caches, ILogger<SpireSweep> log)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(10);

    /// <summary>Runs until cancelled; the caches are filled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(ct);
            }
            catch (Exception e) when (e is KubeException or KubeUnreachableException)
            {
                log.SweepFailed(e.Message); // the kind may not be there (yet): each workload's condition says so
            }
            await Task.Delay(s_interval, kube.Time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SweepAsync(CancellationToken ct)
    {
        var registrations = await kube.ListAsync<ClusterSpiffeId>(options: new ListOptions { LabelSelector = ChildLabels.Selector }, ct: ct);
        foreach (var registration in registrations.Items.Where(IsOrphan))
        {
            log.Orphan(registration.Metadata.Name!);
            await kube.DeleteAsync<ClusterSpiffeId>(registration.Key, new DeleteOptions { Preconditions = new DeletePreconditions(registration.Metadata.Uid) }, ct);
        }
    }

    private bool IsOrphan(ClusterSpiffeId registration)
    {
        var labels = registration.Metadata.Labels!;
        return labels.TryGetValue(ApiGroup.NamespaceLabel, out var ns) && labels.TryGetValue(ApiGroup.NameLabel, out var name) && labels[ApiGroup.KindLabel] switch
        {
            "agent" => caches.Agents.Find(new NamespacedName(ns, name)) is null,
            "toolserver" => caches.ToolServers.Find(new NamespacedName(ns, name)) is null,
            _ => false,
        };
    }
}
