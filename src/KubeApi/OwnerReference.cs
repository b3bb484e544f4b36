namespace Castellan.KubeApi;

/// <summary>Names the object that owns another: when the owner goes, the garbage collector deletes the owned.</summary>
/// <remarks>Source: Kubernetes API reference, OwnerReference v1 meta.</remarks>
public sealed class OwnerReference
{
    /// <summary>Group and version of the owner, for example <c>castellan.dev/v1alpha1</c>.</summary>
    public required string ApiVersion { get; set; }

    /// <summary>Kind of the owner.</summary>
    public required string Kind { get; set; }

    /// <summary>Name of the owner, in the same namespace as the owned (or cluster-scoped).</summary>
    public required string Name { get; set; }

    /// <summary>Identity of the owner; a new object of the same name is another owner.</summary>
    public required string Uid { get; set; }

    /// <summary>True for the one owner that manages this object.</summary>
    public bool? Controller { get; set; }

    /// <summary>True if foreground deletion of the owner waits for this object.</summary>
    public bool? BlockOwnerDeletion { get; set; }
}
