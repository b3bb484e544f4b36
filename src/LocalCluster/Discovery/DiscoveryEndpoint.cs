using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.OpenApi;
using Castellan.LocalCluster.Resources;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.Discovery;

/// <summary>What the server serves: /api, /apis and below, in the plain and in the aggregated form, and the schemas.</summary>
internal sealed class DiscoveryEndpoint(ResourceRegistry registry, OpenApiEndpoint schemas)
{
    /// <returns>False when the path is none of discovery's.</returns>
    public async Task<bool> TryServeAsync(HttpContext http, string path)
    {
        if (await schemas.TryServeAsync(http, path).ConfigureAwait(false)) return true;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (Aggregated(http) is { } version && parts is ["api"] or ["apis"])
        {
            var core = parts[0] == "api";
            await Responses.WriteAsync(http, 200, AggregatedDiscovery.Groups(registry, core, version).ToUtf8(),
                $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList").ConfigureAwait(false);
            return true;
        }
        JsonObject? body = parts switch
        {
            ["api"] => new JsonObject
            {
                ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"),
                ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = $"{http.Request.Host}" }),
            },
            ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = Groups().ToArrayNode() },
            ["apis", var group] => Groups().FirstOrDefault(g => g.Text("name") == group) is { } found ? Typed(found) : null,
            ["api", var v] => Resources("", v),
            ["apis", var group, var v] => Resources(group, v),
            _ => null,
        };
        if (body is null) return false;
        await Responses.WriteAsync(http, 200, body).ConfigureAwait(false);
        return true;
    }

    private static string? Aggregated(HttpContext http)
    {
        var accept = http.Request.Headers.Accept.ToString();
        if (!accept.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal)) return null;
        return accept.Contains("v=v2;", StringComparison.Ordinal) || accept.Contains("v=v2,", StringComparison.Ordinal) || accept.EndsWith("v=v2", StringComparison.Ordinal) ? "v2" : "v2beta1";
    }

    private IEnumerable<JsonObject> Groups() => registry.All.Where(r => r.Group.Length > 0).GroupBy(r => r.Group).Select(group =>
    {
        var versions = group.Select(r => r.Version).Distinct().Select(v => (JsonNode)new JsonObject { ["groupVersion"] = $"{group.Key}/{v}", ["version"] = v }).ToList();
        return new JsonObject
        {
            ["name"] = group.Key, ["versions"] = versions.ToArrayNode(), ["preferredVersion"] = versions[0].DeepClone(),
        };
    });

    private static JsonObject Typed(JsonObject group)
    {
        var typed = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (name, value) in group) typed[name] = value?.DeepClone();
        return typed;
    }

    private JsonObject? Resources(string group, string version)
    {
        var found = registry.All.Where(r => r.Group == group && r.Version == version).ToList();
        if (found.Count == 0) return null;
        return new JsonObject
        {
            ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = found[0].ApiVersion,
            ["resources"] = found.SelectMany(Entries).ToArrayNode(),
        };
    }

    private static IEnumerable<JsonNode> Entries(ResourceDefinition resource)
    {
        var entry = new JsonObject
        {
            ["name"] = resource.Plural, ["singularName"] = resource.Singular, ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind, ["verbs"] = resource.Verbs.ToJsonArray(),
        };
        if (resource.ShortNames.Count > 0) entry["shortNames"] = resource.ShortNames.ToJsonArray();
        if (resource.Categories.Count > 0) entry["categories"] = resource.Categories.ToJsonArray();
        yield return entry;
        foreach (var sub in DiscoverySubresources.Of(resource))
        {
            var subentry = new JsonObject
            {
                ["name"] = $"{resource.Plural}/{sub.Name}", ["singularName"] = "", ["namespaced"] = resource.Namespaced,
                ["kind"] = sub.Kind, ["verbs"] = sub.Verbs.ToJsonArray(),
            };
            if ((sub.Group, sub.Version) != (resource.Group, resource.Version)) (subentry["group"], subentry["version"]) = (sub.Group, sub.Version);
            yield return subentry;
        }
    }
}
