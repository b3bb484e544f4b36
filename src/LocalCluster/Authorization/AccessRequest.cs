using Castellan.LocalCluster.Authentication;

namespace Castellan.LocalCluster.Authorization;

/// <summary>May this user do this?</summary>
internal sealed record AccessRequest(UserInfo User, string Verb)
{
    public bool IsResource { get; init; } = true;

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The path, when it is no resource.</summary>
    public string Path { get; init; } = "";

    /// <summary>The refusal, as the real server words it.</summary>
    public string Refusal => IsResource
        ? $"User \"{User.Name}\" cannot {Verb} resource \"{FullResource}\" in API group \"{Group}\""
            + (Namespace.Length > 0 ? $" in the namespace \"{Namespace}\"" : " at the cluster scope")
        : $"User \"{User.Name}\" cannot {Verb} path \"{Path}\"";

    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
}
