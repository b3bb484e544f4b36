using System.Collections.Concurrent;
using System.Reflection;

namespace Castellan.KubeApi;

/// <summary>States which API resource a type is stored as.</summary>
/// <param name="group">API group; empty for the core group.</param>
/// <param name="version">Version within the group, for example <c>v1alpha1</c>.</param>
/// <param name="kind">Kind in CamelCase.</param>
/// <param name="plural">Name in URLs, lower case.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KubeResourceAttribute(string group, string version, string kind, string plural) : Attribute
{
    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; } = group;

    /// <summary>Version within the group.</summary>
    public string Version { get; } = version;

    /// <summary>Kind in CamelCase.</summary>
    public string Kind { get; } = kind;

    /// <summary>Name in URLs, lower case.</summary>
    public string Plural { get; } = plural;

    /// <summary>False for cluster-scoped kinds.</summary>
    public bool Namespaced { get; init; } = true;
}

/// <summary>Where a kind lives in the API: what a URL path is built from.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version within the group.</param>
/// <param name="Kind">Kind in CamelCase.</param>
/// <param name="Plural">Name in URLs, lower case.</param>
/// <param name="Namespaced">False for cluster-scoped kinds.</param>
public sealed record KubeResource(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    private static readonly ConcurrentDictionary<Type, KubeResource> Known = new();

    /// <summary><c>group/version</c>, or the version alone for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The resource that <typeparamref name="T"/> is stored as.</summary>
    public static KubeResource Of<T>() where T : KubeObject => Of(typeof(T));

    /// <summary>The resource that a type is stored as.</summary>
    /// <exception cref="InvalidOperationException">The type has no <see cref="KubeResourceAttribute"/>.</exception>
    public static KubeResource Of(Type type) => Known.GetOrAdd(type, static t =>
        t.GetCustomAttribute<KubeResourceAttribute>() is { } a
            ? new KubeResource(a.Group, a.Version, a.Kind, a.Plural, a.Namespaced)
            : throw new InvalidOperationException($"{t} has no [KubeResource]; add one with its group, version, kind and plural"));

    /// <summary>The collection's path in a namespace, or over all namespaces when it is null or empty.</summary>
    public string CollectionPath(string? ns = null)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return Namespaced && !string.IsNullOrEmpty(ns) ? $"{root}/namespaces/{ns}/{Plural}" : $"{root}/{Plural}";
    }

    /// <summary>One object's path.</summary>
    public string ObjectPath(NamespacedName key) => $"{CollectionPath(key.Namespace)}/{key.Name}";
}
