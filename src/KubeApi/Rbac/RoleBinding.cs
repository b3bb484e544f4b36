namespace Castellan.KubeApi.Rbac;

/// <summary>Gives a role's rights in a namespace.</summary>
[KubeResource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")]
public sealed class RoleBinding : KubeObject
{
    /// <summary>To whom.</summary>
    public IList<Subject>? Subjects { get; set; }

    /// <summary>Which role; cannot be changed.</summary>
    public RoleRef RoleRef { get; set; } = new();
}

/// <summary>Gives a ClusterRole's rights in the whole cluster.</summary>
[KubeResource("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced = false)]
public sealed class ClusterRoleBinding : KubeObject
{
    /// <summary>To whom.</summary>
    public IList<Subject>? Subjects { get; set; }

    /// <summary>Which role; cannot be changed.</summary>
    public RoleRef RoleRef { get; set; } = new();
}

/// <summary>Who gets a role.</summary>
public sealed class Subject : KubeFields
{
    /// <summary><c>User</c>, <c>Group</c> or <c>ServiceAccount</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary><c>rbac.authorization.k8s.io</c> for users and groups.</summary>
    public string? ApiGroup { get; set; }

    /// <summary>The name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Namespace of a service account.</summary>
    public string? Namespace { get; set; }
}

/// <summary>Which role.</summary>
public sealed class RoleRef : KubeFields
{
    /// <summary>API group of the role.</summary>
    public string ApiGroup { get; set; } = "rbac.authorization.k8s.io";

    /// <summary><c>Role</c> or <c>ClusterRole</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>The name.</summary>
    public string Name { get; set; } = "";
}
