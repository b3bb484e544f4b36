using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.ToolServers;

/// <summary>Gathers what the plan for a tool server depends on.</summary>
internal sealed class ToolServerCluster(ControllerCaches caches)
{
    /// <summary>The Roles, ClusterRoles and bindings made for a tool server, whether or not it is still there.</summary>
    public IReadOnlyList<KubeObject> AccessOf(NamespacedName server) =>
    [
        .. ControllerCaches.Of<ToolServer, RoleBinding>(caches.RoleBindings, server),
        .. ControllerCaches.Of<ToolServer, ClusterRoleBinding>(caches.ClusterRoleBindings, server),
        .. ControllerCaches.Of<ToolServer, Role>(caches.Roles, server),
        .. ControllerCaches.Of<ToolServer, ClusterRole>(caches.ClusterRoles, server),
    ];

    // What only says by its labels that it is ours is left alone: the owner reference must lead to this very object.
    private IReadOnlyList<KubeObject> WorkloadOf(ToolServer server) =>
    [
        .. ControllerCaches.Of<ToolServer, Deployment>(caches.Deployments, server.Key).Where(o => IsOwned(o, server)),
        .. ControllerCaches.Of<ToolServer, Service>(caches.Services, server.Key).Where(o => IsOwned(o, server)),
        .. ControllerCaches.Of<ToolServer, ServiceAccount>(caches.ServiceAccounts, server.Key).Where(o => IsOwned(o, server)),
    ];

    private static bool IsOwned(KubeObject child, ToolServer server) => child.Metadata.OwnerReferences?.Any(owner => owner.Uid == server.Metadata.Uid) is true;

    /// <summary>What there is now; null if the tool server is gone or going.</summary>
    public ToolServerObservation? Observe(NamespacedName key)
    {
        if (caches.ToolServers.Find(key) is not { Metadata.DeletionTimestamp: null } server)
        {
            return null;
        }
        return new ToolServerObservation(server)
        {
            Agents = [.. caches.Agents.ByIndex(AgentIndexes.ToolServer, key.ToString()).Where(a => a.Metadata.DeletionTimestamp is null).Select(a => a.Metadata.Name!)],
            TrustBundle = caches.TrustBundle,
            Deployment = caches.Deployments.Find(new NamespacedName(key.Namespace, WorkloadNames.OfToolServer(key.Name))),
            Pods = ControllerCaches.Of<ToolServer, Pod>(caches.Pods, key),
            Access = AccessOf(key),
            Workload = WorkloadOf(server),
        };
    }
}
