namespace Castellan.KubeApi;

/// <summary>Key of an object within its kind.</summary>
/// <param name="Namespace">Namespace, or empty for cluster-scoped kinds.</param>
/// <param name="Name">Name within the namespace.</param>
public readonly record struct NamespacedName(string Namespace, string Name)
{
    /// <summary><c>namespace/name</c>, or the name alone for cluster-scoped kinds.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
