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
        caches.Agents.AddIndex("model", static a => [$"{a.Metadata.Namespace}/{a.Spec.Model.Name}"]);
        caches.Agents.AddIndex("server", static a => (a.Spec.Tools ?? []).Select(t => $"{a.Metadata.Namespace}/{t.Server}"));
        caches.Agents.AddIndex("role", static a => (a.Spec.Access ?? []).Select(g => RoleIndex(g, a.Metadata.Namespace!)));
        caches.Agents.AddIndex("granted-namespace", static a => (a.Spec.Access ?? []).Where(g => g.Namespace is not null).Select(g => g.Namespace!));

        var reconciler = new AgentReconciler(new AgentCluster(caches), parts.Children, parts.Status, parts.Options, parts.Logs.CreateLogger<AgentReconciler>());
        parts.Loop(reconciler)
            .For(caches.Agents)
            .Watches(caches.ServiceAccounts, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Services, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Deployments, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Pods, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.RoleBindings, ChildLabels.OwnerOf<Agent>)
            .Watches(caches.Models, m => Using("model", m.Key.ToString()))
            .Watches(caches.ToolServers, s => Using("server", s.Key.ToString()))
            .Watches(caches.Roles, r => Using("role", $"{RoleKind.Role}/{r.Key}"))
            .Watches(caches.ClusterRoles, r => Using("role", $"{RoleKind.ClusterRole}/{r.Key}"))
            .Watches(caches.Namespaces, n => Using("granted-namespace", n.Metadata.Name!));
        return parts;

        IEnumerable<NamespacedName> Using(string index, string value) => caches.Agents.ByIndex(index, value).Select(a => a.Key);
    }

    private static string RoleIndex(RoleGrant grant, string own) =>
        grant.Kind == RoleKind.Role ? $"{RoleKind.Role}/{grant.Namespace ?? own}/{grant.Name}" : $"{RoleKind.ClusterRole}/{grant.Name}";
}
