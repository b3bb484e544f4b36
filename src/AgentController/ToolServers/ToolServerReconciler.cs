using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Spire;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient.Controllers;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.ToolServers;

/// <summary>Brings service account, rights, pods and status of a tool server to what its spec says.</summary>
internal sealed class ToolServerReconciler(
    ToolServerCluster cluster, ChildWriter children, StatusWriter status, AgentControllerOptions options, ILogger<ToolServerReconciler> log)
    : IReconciler<ToolServer>
{
    private static readonly TimeSpan RetryRefused = TimeSpan.FromMinutes(1);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (cluster.Observe(key) is not { } seen)
        {
            await CleanUpAsync(key, ct);
            return ReconcileResult.Done;
        }
        var plan = ToolServerPlan.From(seen, options);
        if (plan.SpiffeId is null && plan.Obsolete.OfType<ServiceAccount>().Any())
        {
            await EndRegistrationAsync(key, ct);
        }
        await children.DeleteAsync(plan.Obsolete, ct);
        var refusals = await children.ApplyAsync(plan.Children, ct);
        await status.WriteAsync(
            seen.Server, seen.Server.Status?.Conditions, RefusalVerdict.Of(refusals) ?? plan.Ready, new JsonObject { ["spiffeId"] = plan.SpiffeId }, ct);
        return refusals.Count == 0 ? ReconcileResult.Done : ReconcileResult.After(RetryRefused);
    }

    // Owner references collect what is in the namespace; cluster-scoped children cannot have one.
    private async Task CleanUpAsync(NamespacedName key, CancellationToken ct)
    {
        var clusterScoped = cluster.AccessOf(key).Where(o => string.IsNullOrEmpty(o.Metadata.Namespace)).ToList();
        if (clusterScoped.Count > 0)
        {
            log.ToolServerGone(key, clusterScoped.Count);
            await children.DeleteAsync(clusterScoped, ct);
        }
        await EndRegistrationAsync(key, ct);
    }

    private Task EndRegistrationAsync(NamespacedName key, CancellationToken ct) => options.Identity == IdentityMode.Spire
        ? children.DeleteAsync<ClusterSpiffeId>(SpireRegistration.NameOf(key.Namespace, WorkloadNames.OfToolServer(key.Name)), ct)
        : Task.CompletedTask;
}
