using Castellan.KubeApi;

namespace Castellan.KubeClient.Discovery;

/// <summary>A resource the server offers.</summary>
/// <param name="Resource">Where it lives.</param>
/// <param name="Singular">Name of one, lower case.</param>
/// <param name="ShortNames">Short names, for example <c>po</c>.</param>
/// <param name="Categories">Groups it belongs to, for example <c>all</c>.</param>
/// <param name="Verbs">What can be done with it, for example <c>list</c>.</param>
public sealed record DiscoveredResource(
    KubeResource Resource, string Singular, IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories, IReadOnlyList<string> Verbs)
{
    /// <summary>Whether a name as typed means this resource: kind, plural, singular or short name, with <c>.group</c> or <c>.version.group</c> or without; case is ignored.</summary>
    public bool IsCalled(string name)
    {
        var dot = name.IndexOf('.');
        var (word, rest) = dot < 0 ? (name, null) : (name[..dot], name[(dot + 1)..]);
        return (Is(Resource.Plural, word) || Is(Resource.Kind, word) || Is(Singular, word) || ShortNames.Any(s => Is(s, word)))
            && (rest is null || Is(Resource.Group, rest) || Is($"{Resource.Version}.{Resource.Group}", rest));
    }

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
