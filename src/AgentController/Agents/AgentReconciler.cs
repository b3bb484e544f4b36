using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Spire;
using Castellan.KubeApi;
using Castellan.KubeClient.Controllers;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.Agents;

/// <summary>Brings service account, access, pods and status of an agent to what its spec says.</summary>
internal sealed class AgentReconciler(AgentCluster cluster, ChildWriter children, StatusWriter status, AgentControllerOptions options, ILogger<AgentReconciler> log)
    : IReconciler<Agent>
{
    private static readonly TimeSpan RetryRefused = TimeSpan.FromMinutes(1);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (cluster.Observe(key) is not { } seen)
        {
            await CleanUpAsync(key, ct);
            return ReconcileResult.Done;
        }
        var plan = AgentPlan.From(seen, options);
        await children.DeleteAsync(plan.Obsolete, ct); // first: what is no longer granted must not wait for what is
        var refusals = await children.ApplyAsync(plan.Children, ct);
        await ReportAsync(seen.Agent, plan, RefusalVerdict.Of(refusals) ?? plan.Ready, ct);
        return refusals.Count == 0 ? ReconcileResult.Done : ReconcileResult.After(RetryRefused);
    }

    private Task ReportAsync(Agent agent, AgentPlan plan, Verdict ready, CancellationToken ct) => status.WriteAsync(
        agent, agent.Status?.Conditions, ready, new JsonObject { ["spiffeId"] = plan.SpiffeId, ["model"] = plan.Model }, ct);

    // Owner references collect the children in the agent's namespace; bindings elsewhere are found by their labels, also by a controller that starts later.
    private async Task CleanUpAsync(NamespacedName key, CancellationToken ct)
    {
        var foreign = cluster.BindingsOf(key).Where(b => b.Metadata.Namespace != key.Namespace).ToList();
        if (foreign.Count > 0)
        {
            log.AgentGone(key, foreign.Count);
            await children.DeleteAsync(foreign, ct);
        }
        if (options.Identity == IdentityMode.Spire)
        {
            await children.DeleteAsync<ClusterSpiffeId>(SpireRegistration.NameOf(key.Namespace, WorkloadNames.OfAgent(key.Name)), ct);
        }
    }
}
