using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.Agents;

internal static class AgentsRegistration
{
    /// <summary>Adds the reconciler of agents and everything that can change what it decides.</summary>
    public static ControllerParts AddAgents(this ControllerParts parts)
    {
        var caches = parts.Caches;
        var reconciler = new AgentReconciler(new AgentCluster(caches), parts.Children, parts.Status, parts.Options, parts.Logs.CreateLogger<AgentReconciler>());
        var loop = parts.Loop(reconciler)
            .For(caches.Agents)
            .Watches(caches.ServiceAccounts, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Services, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Deployments, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Pods, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.RoleBindings, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Models, m => Using(AgentIndexes.Model, m.Key.ToString()))
            .Watches(caches.ToolServers, s => Using(AgentIndexes.ToolServer, s.Key.ToString()))
            .Watches(caches.Roles, r => Using(AgentIndexes.Role, $"{RoleKind.Role}/{r.Key}"))
            .Watches(caches.ClusterRoles, r => Using(AgentIndexes.Role, $"{RoleKind.ClusterRole}/{r.Key}"))
            .Watches(caches.Namespaces, n => Using(AgentIndexes.GrantedNamespace, n.Metadata.Name!));
        if (caches.Trust is { } trust)
        {
            loop.Watches(trust, _ => caches.Agents.Items.Select(o => o.Key)); // each has a copy
        }
        return parts;

        IEnumerable<NamespacedName> Using(string index, string value) => caches.Agents.ByIndex(index, value).Select(a => a.Key);
    }
}
