using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Authorization;

/// <summary>One rule of a Role or ClusterRole.</summary>
/// <remarks>Source: Kubernetes API reference, PolicyRule v1 rbac.authorization.k8s.io.</remarks>
internal sealed record PolicyRule(string[] Verbs, string[] Groups, string[] Resources, string[] Names, string[] Paths)
{
    public static PolicyRule Read(JsonNode? rule) => new(
        [.. rule.Array("verbs").Texts()], [.. rule.Array("apiGroups").Texts()], [.. rule.Array("resources").Texts()],
        [.. rule.Array("resourceNames").Texts()], [.. rule.Array("nonResourceURLs").Texts()]);

    public static IEnumerable<PolicyRule> ReadAll(JsonObject role) => role.Array("rules").Objects().Select(Read);

    public bool Allows(AccessRequest request) => Has(Verbs, request.Verb) && (request.IsResource
        ? Has(Groups, request.Group) && AllowsResource(request.Resource, request.Subresource)
            && (Names.Length == 0 || (request.Name.Length > 0 && Names.Contains(request.Name)))
        : AllowsPath(request.Path));

    /// <summary>Everything that <paramref name="other"/> allows, this one does too. Exact for rules of one verb, group, resource and name.</summary>
    public bool Covers(PolicyRule other)
    {
        if (!other.Verbs.All(v => Has(Verbs, v))) return false;
        if (other.Paths.Length > 0) return other.Paths.All(AllowsPath);
        return other.Groups.All(g => Has(Groups, g))
            && other.Resources.All(CoversResource)
            && (Names.Length == 0 || (other.Names.Length > 0 && other.Names.All(Names.Contains)));
    }

    /// <summary>This rule taken apart into rules of one verb, group, resource and name (or path) each.</summary>
    public IEnumerable<PolicyRule> Breakdown()
    {
        foreach (var verb in Verbs)
        {
            foreach (var path in Paths) yield return new PolicyRule([verb], [], [], [], [path]);
            foreach (var group in Groups)
            {
                foreach (var resource in Resources)
                {
                    if (Names.Length == 0) yield return new PolicyRule([verb], [group], [resource], [], []);
                    foreach (var name in Names) yield return new PolicyRule([verb], [group], [resource], [name], []);
                }
            }
        }
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["verbs"] = Verbs.ToJsonArray() };
        if (Paths.Length > 0) json["nonResourceURLs"] = Paths.ToJsonArray();
        if (Paths.Length > 0) return json;
        json["apiGroups"] = Groups.ToJsonArray();
        json["resources"] = Resources.ToJsonArray();
        if (Names.Length > 0) json["resourceNames"] = Names.ToJsonArray();
        return json;
    }

    /// <summary>As the real server prints a rule that a user lacks.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        Add("APIGroups", Groups);
        Add("Resources", Resources);
        Add("ResourceNames", Names);
        Add("NonResourceURLs", Paths);
        Add("Verbs", Verbs);
        return $"{{{string.Join(", ", parts)}}}";

        void Add(string name, string[] values)
        {
            if (values.Length > 0) parts.Add($"{name}:[{string.Join(" ", values.Select(v => $"\"{v}\""))}]");
        }
    }

    private static bool Has(string[] values, string value) => values.Contains("*") || values.Contains(value);

    private bool AllowsResource(string resource, string subresource)
    {
        foreach (var allowed in Resources)
        {
            if (allowed == "*") return true;
            if (subresource.Length == 0 ? allowed == resource : allowed == $"{resource}/{subresource}" || allowed == $"*/{subresource}") return true;
        }
        return false;
    }

    private bool CoversResource(string resource) =>
        Has(Resources, resource) || (resource.IndexOf('/') is var slash and > 0 && Resources.Contains("*" + resource[slash..]));

    private bool AllowsPath(string path) =>
        Paths.Any(p => p == "*" || p == path || (p.EndsWith('*') && path.StartsWith(p[..^1], StringComparison.Ordinal)));
}
