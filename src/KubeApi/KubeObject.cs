namespace Castellan.KubeApi;

/// <summary>An object with a type and metadata, as the Kubernetes API stores it.</summary>
public abstract class KubeObject : KubeFields
{
    /// <summary>Group and version, for example <c>apps/v1</c>; <c>v1</c> for the core group.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Kind, for example <c>Deployment</c>.</summary>
    public string? Kind { get; set; }

    /// <summary>Name, namespace, labels and what the server adds.</summary>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>Namespace and name.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public NamespacedName Key => Metadata.Key;

    /// <summary>Fills <see cref="ApiVersion"/> and <see cref="Kind"/> from the type's <see cref="KubeResourceAttribute"/>.</summary>
    protected KubeObject()
    {
        var resource = KubeResource.Of(GetType());
        (ApiVersion, Kind) = (resource.ApiVersion, resource.Kind);
    }

    /// <summary>A reference to this object as the managing owner of another.</summary>
    /// <exception cref="InvalidOperationException">The object has no uid: it does not come from a server.</exception>
    public OwnerReference AsOwner() => new()
    {
        ApiVersion = ApiVersion!,
        Kind = Kind!,
        Name = Metadata.Name ?? throw new InvalidOperationException("the object has no name"),
        Uid = Metadata.Uid ?? throw new InvalidOperationException($"{Kind} {Key} has no uid; read it from the server first"),
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
