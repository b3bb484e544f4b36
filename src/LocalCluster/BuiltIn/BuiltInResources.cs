using Castellan.LocalCluster.BuiltIn.Columns;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.BuiltIn;

/// <summary>The built-in kinds that this server serves, in the order of discovery.</summary>
internal static class BuiltInResources
{
    private const string Rbac = "rbac.authorization.k8s.io";

    public static IReadOnlyList<ResourceDefinition> All() =>
    [
        .. Core().Concat(Apps()).Concat(Access()).Concat(Others()),
    ];

    private static ResourceDefinition Make(string group, string version, string kind, string plural, bool namespaced, params string[] shortNames) => new()
    {
        Group = group, Version = version, Kind = kind, Plural = plural, Namespaced = namespaced, ShortNames = shortNames,
        Schema = BuiltInSchemas.Of(group, version, kind),
    };

    private static SubresourceDefinition Sub(string name, string group, string version, string kind, params string[] verbs) => new(name, group, version, kind, verbs);

    private static ResourceDefinition[] Core() =>
    [
        Make("", "v1", "ConfigMap", "configmaps", true, "cm") with { Rules = new DataRules(), Columns = OtherColumns.ConfigMaps },
        Make("", "v1", "Endpoints", "endpoints", true, "ep") with { Singular = "endpoints", Columns = WorkloadColumns.Endpoints },
        Make("", "v1", "Event", "events", true, "ev") with { Columns = OtherColumns.Events },
        Make("", "v1", "Namespace", "namespaces", false, "ns") with
        {
            HasStatus = true, Rules = new NamespaceRules(), Columns = OtherColumns.Namespaces, Subresources = [Sub("finalize", "", "v1", "Namespace", "update")],
            Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
        },
        Make("", "v1", "Node", "nodes", false, "no") with { HasStatus = true, Columns = OtherColumns.Nodes },
        Make("", "v1", "Pod", "pods", true, "po") with
        {
            HasStatus = true, Categories = ["all"], Rules = new PodRules(), Columns = PodColumns.All,
            Subresources = [Sub("binding", "", "v1", "Binding", "create"), Sub("log", "", "v1", "Pod", "get")],
        },
        Make("", "v1", "Secret", "secrets", true) with { Rules = new SecretRules(), Columns = OtherColumns.Secrets },
        Make("", "v1", "ServiceAccount", "serviceaccounts", true, "sa") with
        {
            Columns = OtherColumns.ServiceAccounts, Subresources = [Sub("token", "authentication.k8s.io", "v1", "TokenRequest", "create")],
        },
        Make("", "v1", "Service", "services", true, "svc") with { HasStatus = true, Categories = ["all"], Rules = new ServiceRules(), Columns = WorkloadColumns.Services },
    ];

    private static ResourceDefinition[] Apps() =>
    [
        Make("apps", "v1", "Deployment", "deployments", true, "deploy") with
        {
            HasStatus = true, HasGeneration = true, Categories = ["all"], Rules = new DeploymentRules(), Columns = WorkloadColumns.Deployments,
            Scale = new ScalePaths("spec.replicas", "status.replicas", "spec.selector"),
        },
        Make("apps", "v1", "ReplicaSet", "replicasets", true, "rs") with
        {
            HasStatus = true, HasGeneration = true, Categories = ["all"], Rules = new ReplicaSetRules(), Columns = WorkloadColumns.ReplicaSets,
            Scale = new ScalePaths("spec.replicas", "status.replicas", "spec.selector"),
        },
    ];

    private static ResourceDefinition[] Access() =>
    [
        Make("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", false) with { Verbs = ["create"] },
        Make("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", false) with { Verbs = ["create"] },
        Make("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", true) with { Verbs = ["create"] },
        Make("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false) with { Verbs = ["create"] },
        Make("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false) with { Verbs = ["create"] },
        Make("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", false) with { Verbs = ["create"] },
        Make(Rbac, "v1", "ClusterRoleBinding", "clusterrolebindings", false) with { Rules = new BindingRules(), Columns = OtherColumns.Bindings },
        Make(Rbac, "v1", "ClusterRole", "clusterroles", false) with { Columns = OtherColumns.Dated },
        Make(Rbac, "v1", "RoleBinding", "rolebindings", true) with { Rules = new BindingRules(), Columns = OtherColumns.Bindings },
        Make(Rbac, "v1", "Role", "roles", true) with { Columns = OtherColumns.Dated },
    ];

    private static ResourceDefinition[] Others() =>
    [
        Make("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false, "crd", "crds") with
        {
            HasStatus = true, HasGeneration = true, Categories = ["api-extensions"], Rules = new CustomResources.CustomResourceRules(), Columns = OtherColumns.Dated,
        },
        Make("coordination.k8s.io", "v1", "Lease", "leases", true) with { Columns = OtherColumns.Leases },
        Make("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true) with { HasGeneration = true, Columns = WorkloadColumns.EndpointSlices },
    ];
}
