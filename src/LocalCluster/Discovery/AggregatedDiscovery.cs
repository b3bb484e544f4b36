using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.Discovery;

/// <summary>Everything in one answer.</summary>
/// <remarks>Source: Kubernetes API reference, apidiscovery.k8s.io/v2 APIGroupDiscoveryList.</remarks>
internal static class AggregatedDiscovery
{
    public static JsonObject Groups(ResourceRegistry registry, bool core, string version) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = registry.All.Where(r => r.Group.Length == 0 == core).GroupBy(r => r.Group).Select(Group).ToArrayNode(),
    };

    private static JsonNode Group(IGrouping<string, ResourceDefinition> group)
    {
        var metadata = new JsonObject();
        if (group.Key.Length > 0) metadata["name"] = group.Key;
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["versions"] = group.GroupBy(r => r.Version).Select(v => (JsonNode)new JsonObject
            {
                ["version"] = v.Key, ["freshness"] = "Current", ["resources"] = v.Select(Resource).ToArrayNode(),
            }).ToArrayNode(),
        };
    }

    private static JsonNode Resource(ResourceDefinition resource)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = Kind(resource.Group, resource.Version, resource.Kind),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = resource.Verbs.ToJsonArray(),
        };
        if (resource.ShortNames.Count > 0) entry["shortNames"] = resource.ShortNames.ToJsonArray();
        if (resource.Categories.Count > 0) entry["categories"] = resource.Categories.ToJsonArray();
        var subresources = DiscoverySubresources.Of(resource).Select(s => (JsonNode)new JsonObject
        {
            ["subresource"] = s.Name, ["responseKind"] = Kind(s.Group, s.Version, s.Kind), ["verbs"] = s.Verbs.ToJsonArray(),
        }).ToList();
        if (subresources.Count > 0) entry["subresources"] = subresources.ToArrayNode();
        return entry;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
