using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Dapr;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;
using Castellan.KubeClient.Informers;

namespace Castellan.AgentController.Cluster;

/// <summary>Local copies of everything that the reconcilers look at. Of other people's objects only roles and namespaces are among them.</summary>
internal sealed class ControllerCaches(InformerSet informers, IdentityMode identity)
{
    private const string OwnerIndex = "owner-labels";

    public Informer<Agent> Agents { get; } = AgentIndexes.Indexed(informers.For<Agent>());

    public Informer<ToolServer> ToolServers { get; } = informers.For<ToolServer>();

    public Informer<ModelConfig> Models { get; } = informers.For<ModelConfig>();

    public Informer<AgentPolicy> Policies { get; } = informers.For<AgentPolicy>();

    public Informer<ClusterAgentPolicy> ClusterPolicies { get; } = informers.For<ClusterAgentPolicy>();

    public Informer<Namespace> Namespaces { get; } = informers.For<Namespace>();

    public Informer<Role> Roles { get; } = Indexed(informers.For<Role>());

    public Informer<ClusterRole> ClusterRoles { get; } = Indexed(informers.For<ClusterRole>());

    public Informer<RoleBinding> RoleBindings { get; } = Ours<RoleBinding>(informers);

    public Informer<ClusterRoleBinding> ClusterRoleBindings { get; } = Ours<ClusterRoleBinding>(informers);

    public Informer<ServiceAccount> ServiceAccounts { get; } = Ours<ServiceAccount>(informers);

    public Informer<Service> Services { get; } = Ours<Service>(informers);

    /// <summary>What the SPIFFE server publishes; null where nobody reads it.</summary>
    public Informer<ConfigMap>? Trust { get; } = identity != IdentityMode.Embedded ? null : informers.For<ConfigMap>(
        new InformerOptions { Namespace = WorkloadNames.SystemNamespace, FieldSelector = $"metadata.name={TrustConfig.ConfigMap}" });

    /// <summary>The trust bundle that the SPIFFE server publishes; null while there is none.</summary>
    public string? TrustBundle =>
        Trust?.Find(new NamespacedName(WorkloadNames.SystemNamespace, TrustConfig.ConfigMap))?.Data is { } data && data.TryGetValue(TrustConfig.BundleKey, out var bundle) ? bundle : null;

    public Informer<Deployment> Deployments { get; } = Ours<Deployment>(informers);

    public Informer<Pod> Pods { get; } = Ours<Pod>(informers);

    /// <summary>The objects of one kind whose labels name an owner.</summary>
    public static IReadOnlyList<TChild> Of<TOwner, TChild>(Informer<TChild> children, NamespacedName owner) where TOwner : KubeObject where TChild : KubeObject =>
        children.ByIndex(OwnerIndex, ChildLabels.Owner<TOwner>(owner));

    /// <summary>A child of ours as it is now, if it is there and of a kind that is watched.</summary>
    public KubeObject? Find(KubeObject child) => child switch
    {
        ServiceAccount => ServiceAccounts.Find(child.Key),
        Service => Services.Find(child.Key),
        Deployment => Deployments.Find(child.Key),
        Role => Roles.Find(child.Key),
        RoleBinding => RoleBindings.Find(child.Key),
        ClusterRole => ClusterRoles.Find(child.Key),
        ClusterRoleBinding => ClusterRoleBindings.Find(child.Key),
        ConfigMap or Spire.ClusterSpiffeId => null, // applied every time: watching them would take the right to read everybody's, or a kind that may not be there
        // Where Dapr is not installed its kinds do not exist, and waiting for their lists would stop everything else. They are applied every time.
        DaprComponent or DaprConfiguration or WorkflowAccessPolicy => null,
        _ => throw new ArgumentException($"there is no informer of {child.Kind}; add one"),
    };

    private static Informer<T> Ours<T>(InformerSet informers) where T : KubeObject =>
        Indexed(informers.For<T>(new InformerOptions { LabelSelector = ChildLabels.Selector }));

    private static Informer<T> Indexed<T>(Informer<T> informer) where T : KubeObject
    {
        informer.AddIndex(OwnerIndex, ChildLabels.Owner);
        return informer;
    }
}
