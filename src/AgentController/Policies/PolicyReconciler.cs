using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Cluster;
using Castellan.KubeApi;
using Castellan.KubeClient.Controllers;
using Castellan.Policy;

namespace Castellan.AgentController.Policies;

/// <summary>Says of an AgentPolicy whether it compiles, with the compiler that the gateway uses.</summary>
internal sealed class PolicyReconciler(ControllerCaches caches, StatusWriter status) : IReconciler<AgentPolicy>
{
    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (caches.Policies.Find(key) is { Metadata.DeletionTimestamp: null } policy)
        {
            var plan = PolicyPlan.From(policy.Spec.Rules.Count, policy.Status, PolicySet.Compile([policy]).Faults);
            await status.WriteAsync(policy, policy.Status?.Conditions, plan.Ready, new JsonObject { ["ruleCount"] = plan.RuleCount }, ct);
        }
        return ReconcileResult.Done;
    }
}
