using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.Agents;

/// <summary>Gathers what the plan for an agent depends on.</summary>
internal sealed class AgentCluster(ControllerCaches caches)
{
    /// <summary>The bindings made for an agent, whether or not it is still there.</summary>
    public IReadOnlyList<RoleBinding> BindingsOf(NamespacedName agent) => ControllerCaches.Of<Agent, RoleBinding>(caches.RoleBindings, agent);

    /// <summary>What there is now; null if the agent is gone or going.</summary>
    public AgentObservation? Observe(NamespacedName key)
    {
        if (caches.Agents.Find(key) is not { Metadata.DeletionTimestamp: null } agent)
        {
            return null;
        }
        return new AgentObservation(agent)
        {
            Model = caches.Models.Find(new NamespacedName(key.Namespace, agent.Spec.Model.Name)),
            ToolServers = (agent.Spec.Tools ?? []).Select(t => t.Server)
                .Where(s => caches.ToolServers.Find(new NamespacedName(key.Namespace, s)) is not null).ToHashSet(),
            OfferedTools = (agent.Spec.Tools ?? []).Select(t => caches.ToolServers.Find(new NamespacedName(key.Namespace, t.Server)))
                .OfType<ToolServer>().Where(s => s.Status?.Tools is not null).DistinctBy(s => s.Key)
                .ToDictionary(s => s.Key.Name, s => (IReadOnlyList<string>)[.. s.Status!.Tools!.Select(t => t.Name)]),
            Grants = [.. (agent.Spec.Access ?? []).Select(g => Observe(agent, g))],
            TrustBundle = caches.TrustBundle,
            Deployment = caches.Deployments.Find(new NamespacedName(key.Namespace, WorkloadNames.OfAgent(key.Name))),
            Pods = ControllerCaches.Of<Agent, KubeApi.Core.Pod>(caches.Pods, key),
            Bindings = BindingsOf(key),
        };
    }

    private ObservedGrant Observe(Agent agent, RoleGrant grant)
    {
        var own = agent.Metadata.Namespace!;
        var ns = grant.Namespace ?? own;
        var exists = grant.Kind == RoleKind.Role
            ? caches.Roles.Find(new NamespacedName(ns, grant.Name)) is not null
            : caches.ClusterRoles.Find(new NamespacedName("", grant.Name)) is not null;
        var accepts = ns == own || (caches.Namespaces.Find(new NamespacedName("", ns)) is { } other && AgentAccess.Accepts(other, own));
        return new ObservedGrant(grant, ns, exists, accepts);
    }
}
