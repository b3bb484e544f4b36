namespace Castellan.KubeApi.Rbac;

/// <summary>Rights within a namespace.</summary>
[KubeResource("rbac.authorization.k8s.io", "v1", "Role", "roles")]
public sealed class Role : KubeObject
{
    /// <summary>What it allows.</summary>
    public IList<PolicyRule>? Rules { get; set; }
}

/// <summary>Rights in the whole cluster, or to bind in a namespace.</summary>
[KubeResource("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced = false)]
public sealed class ClusterRole : KubeObject
{
    /// <summary>What it allows.</summary>
    public IList<PolicyRule>? Rules { get; set; }

    /// <summary>Gathers the rules of other ClusterRoles.</summary>
    public AggregationRule? AggregationRule { get; set; }
}

/// <summary>Gathers the rules of other ClusterRoles.</summary>
public sealed class AggregationRule : KubeFields
{
    /// <summary>Which ones: any selector that matches.</summary>
    public IList<LabelSelector>? ClusterRoleSelectors { get; set; }
}

/// <summary>Rights: any verb on any resource named, or on any path named.</summary>
public sealed class PolicyRule : KubeFields
{
    /// <summary>For example <c>get</c>; <c>*</c> is all.</summary>
    public IList<string>? Verbs { get; set; }

    /// <summary>API groups; the empty name is the core group, <c>*</c> is all.</summary>
    public IList<string>? ApiGroups { get; set; }

    /// <summary>Plurals, with <c>/subresource</c>; <c>*</c> is all.</summary>
    public IList<string>? Resources { get; set; }

    /// <summary>Names of objects; absent means all.</summary>
    public IList<string>? ResourceNames { get; set; }

    /// <summary>Paths such as <c>/healthz</c>; for ClusterRoles only.</summary>
    public IList<string>? NonResourceURLs { get; set; }
}
