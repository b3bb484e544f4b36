namespace Castellan.LocalCluster.Store;

/// <summary>Names one stored object.</summary>
/// <param name="Resource">Group and plural, for example <c>apps/deployments</c>; <c>/pods</c> for the core group.</param>
/// <param name="Namespace">Namespace, or empty for cluster-scoped kinds.</param>
/// <param name="Name">Name.</param>
internal readonly record struct ObjectKey(string Resource, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Resource}/{Name}" : $"{Resource}/{Namespace}/{Name}";
}
