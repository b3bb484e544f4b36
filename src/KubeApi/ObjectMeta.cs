using System.Text.Json.Serialization;

namespace Castellan.KubeApi;

/// <summary>Metadata that every stored Kubernetes object carries.</summary>
/// <remarks>Source: Kubernetes API conventions, "Metadata". Absent members are <see langword="null"/> and are not written.</remarks>
public sealed class ObjectMeta : KubeFields
{
    /// <summary>Name, unique per kind and namespace; a DNS subdomain of at most 253 characters.</summary>
    public string? Name { get; set; }

    /// <summary>Prefix from which the server makes a unique name when <see cref="Name"/> is absent.</summary>
    public string? GenerateName { get; set; }

    /// <summary>Namespace; absent for cluster-scoped kinds.</summary>
    public string? Namespace { get; set; }

    /// <summary>Identity of this incarnation, set by the server; differs after delete and create.</summary>
    public string? Uid { get; set; }

    /// <summary>Opaque version for optimistic concurrency and watches, set by the server.</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>Counts changes of the desired state, set by the server.</summary>
    public long? Generation { get; set; }

    /// <summary>When the object was created (UTC, whole seconds), set by the server.</summary>
    public DateTime? CreationTimestamp { get; set; }

    /// <summary>When deletion was asked for (UTC); the object remains until its finalizers are gone.</summary>
    public DateTime? DeletionTimestamp { get; set; }

    /// <summary>Seconds between <see cref="DeletionTimestamp"/> being set and the object going, for kinds that end gracefully.</summary>
    public long? DeletionGracePeriodSeconds { get; set; }

    /// <summary>Names that must be removed before the object goes.</summary>
    public IList<string>? Finalizers { get; set; }

    /// <summary>Identifying key-value pairs, for selectors.</summary>
    public IDictionary<string, string>? Labels { get; set; }

    /// <summary>Non-identifying key-value pairs.</summary>
    public IDictionary<string, string>? Annotations { get; set; }

    /// <summary>Objects whose deletion deletes this one.</summary>
    public IList<OwnerReference>? OwnerReferences { get; set; }

    /// <summary>Namespace and name together.</summary>
    [JsonIgnore]
    public NamespacedName Key => new(Namespace ?? "", Name ?? "");
}
