namespace Castellan.LocalCluster.ApiServer;

/// <summary>What a request asks for, read from its method, path and query alone.</summary>
/// <remarks>Source: Kubernetes, k8s.io/apiserver/pkg/endpoints/request RequestInfo.</remarks>
internal sealed record RequestInfo
{
    public required string Path { get; init; }

    /// <summary>get, list, watch, create, update, patch, delete, deletecollection; or the HTTP method in lower case.</summary>
    public required string Verb { get; init; }

    /// <summary>False for paths such as <c>/healthz</c> and for discovery.</summary>
    public bool IsResource { get; init; }

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Name { get; init; } = "";

    public static RequestInfo Parse(string method, string path, bool watch)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var info = new RequestInfo { Path = path, Verb = method.ToLowerInvariant() };
        if (parts.Length < 3 || parts[0] is not ("api" or "apis")) return info;
        var rest = parts[0] == "api" ? parts[2..] : parts[3..];
        if (rest.Length == 0) return info;
        if (rest[0] == "watch") (rest, watch) = (rest[1..], true);
        if (rest.Length == 0) return info;
        var (group, version) = parts[0] == "api" ? ("", parts[1]) : (parts[1], parts[2]);
        var ns = "";
        if (rest[0] == "namespaces" && rest.Length > 1)
        {
            ns = rest[1];
            if (rest.Length > 2 && rest[2] is not ("status" or "finalize")) rest = rest[2..];
        }
        return info with
        {
            IsResource = true,
            Group = group,
            Version = version,
            Namespace = ns,
            Resource = rest[0],
            Name = rest.Length > 1 ? rest[1] : "",
            Subresource = rest.Length > 2 ? string.Join('/', rest[2..]) : "",
            Verb = VerbOf(method, named: rest.Length > 1, watch),
        };
    }

    private static string VerbOf(string method, bool named, bool watch) => method switch
    {
        "GET" or "HEAD" => watch ? "watch" : named ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => named ? "delete" : "deletecollection",
        _ => method.ToLowerInvariant(),
    };
}
