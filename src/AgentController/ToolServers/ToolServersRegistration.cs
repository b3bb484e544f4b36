using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.ToolServers;

internal static class ToolServersRegistration
{
    /// <summary>Adds the reconciler of tool servers and everything that can change what it decides.</summary>
    public static ControllerParts AddToolServers(this ControllerParts parts)
    {
        var caches = parts.Caches;
        var reconciler = new ToolServerReconciler(
            new ToolServerCluster(caches), parts.Children, parts.Status, parts.Options, parts.Logs.CreateLogger<ToolServerReconciler>());
        var loop = parts.Loop(reconciler)
            .For(caches.ToolServers)
            .Watches(caches.ServiceAccounts, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.Services, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.Deployments, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.Pods, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.Roles, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.RoleBindings, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.ClusterRoles, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.ClusterRoleBindings, ChildLabels.OwnerOf<ToolServer>)
            .Watches(caches.Agents, static a => (a.Spec.Tools ?? []).Select(t => new NamespacedName(a.Metadata.Namespace!, t.Server)));
        if (caches.Trust is { } trust)
        {
            loop.Watches(trust, _ => caches.ToolServers.Items.Select(o => o.Key)); // each has a copy
        }
        return parts;
    }
}
