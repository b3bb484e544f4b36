namespace Castellan.KubeApi.Core;

/// <summary>A room for names.</summary>
[KubeResource("", "v1", "Namespace", "namespaces", Namespaced = false)]
public sealed class Namespace : KubeObject
{
    /// <summary>Its finalizers.</summary>
    public NamespaceSpec? Spec { get; set; }

    /// <summary>What was observed.</summary>
    public NamespaceStatus? Status { get; set; }
}

/// <summary>What a namespace waits for when it ends.</summary>
public sealed class NamespaceSpec : KubeFields
{
    /// <summary>Names that must be removed before it goes.</summary>
    public IList<string>? Finalizers { get; set; }
}

/// <summary>What was observed of a namespace.</summary>
public sealed class NamespaceStatus : KubeFields
{
    /// <summary><c>Active</c> or <c>Terminating</c>.</summary>
    public string? Phase { get; set; }
}
