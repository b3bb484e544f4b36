using Castellan.AgentApi;
using Castellan.KubeApi;

namespace Castellan.AgentController.Workloads;

/// <summary>Labels by which a child is found again, also where owner references cannot reach.</summary>
internal static class ChildLabels
{
    /// <summary>Selects every child of every kind of ours.</summary>
    public const string Selector = $"{ApiGroup.KindLabel},{ApiGroup.NameLabel}";

    public static Dictionary<string, string> Of(KubeObject owner) => new()
    {
        ["app.kubernetes.io/managed-by"] = ApiGroup.FieldManager,
        [ApiGroup.KindLabel] = KindOf(owner),
        [ApiGroup.NameLabel] = owner.Metadata.Name!,
        [ApiGroup.NamespaceLabel] = owner.Metadata.Namespace!,
    };

    /// <summary>The pods of one owner: fewer labels than they carry, because a Deployment's selector can never change.</summary>
    public static Dictionary<string, string> PodSelector(KubeObject owner) => new()
    {
        [ApiGroup.KindLabel] = KindOf(owner),
        [ApiGroup.NameLabel] = owner.Metadata.Name!,
    };

    /// <summary>The owner of kind <typeparamref name="T"/> that the labels of a child name, if they do.</summary>
    public static IEnumerable<NamespacedName> OwnerOf<T>(KubeObject child) where T : KubeObject =>
        child.Metadata.Labels is { } labels
        && labels.TryGetValue(ApiGroup.KindLabel, out var kind) && kind == KubeResource.Of<T>().Kind.ToLowerInvariant()
        && labels.TryGetValue(ApiGroup.NameLabel, out var name)
            ? [new(labels.TryGetValue(ApiGroup.NamespaceLabel, out var ns) ? ns : child.Metadata.Namespace ?? "", name)]
            : [];

    /// <summary>What children are indexed by: kind, namespace and name of the owner that their labels name.</summary>
    public static IEnumerable<string> Owner(KubeObject child) =>
        child.Metadata.Labels is { } labels && labels.TryGetValue(ApiGroup.KindLabel, out var kind) && labels.TryGetValue(ApiGroup.NameLabel, out var name)
            ? [Owner(kind, new NamespacedName(labels.TryGetValue(ApiGroup.NamespaceLabel, out var ns) ? ns : child.Metadata.Namespace ?? "", name))]
            : [];

    /// <summary>The index value of an owner.</summary>
    public static string Owner<T>(NamespacedName owner) where T : KubeObject => Owner(KubeResource.Of<T>().Kind.ToLowerInvariant(), owner);

    private static string Owner(string kind, NamespacedName owner) => $"{kind}/{owner}";

    private static string KindOf(KubeObject owner) => owner.Kind!.ToLowerInvariant();
}
