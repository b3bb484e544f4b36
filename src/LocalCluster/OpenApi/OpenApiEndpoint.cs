using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.CustomResources;
using Castellan.LocalCluster.Discovery;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;
using Castellan.LocalCluster.Store;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.OpenApi;

/// <summary>/openapi/v3: the schemas that <c>kubectl explain</c>, <c>apply</c> and client-side validation read. Documents are made when asked for.</summary>
internal sealed class OpenApiEndpoint(ResourceRegistry registry, ObjectStore store)
{
    /// <returns>False when the path is none of ours.</returns>
    public async Task<bool> TryServeAsync(HttpContext http, string path)
    {
        if (path is "/openapi/v3" or "/openapi/v3/")
        {
            await Responses.WriteAsync(http, 200, Index()).ConfigureAwait(false);
            return true;
        }
        if (!path.StartsWith("/openapi/v3/", StringComparison.Ordinal)) return false;
        var parts = path["/openapi/v3/".Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var found = parts switch
        {
            ["api", var version] => Of("", version),
            ["apis", var group, var version] => Of(group, version),
            _ => [],
        };
        if (found.Count == 0) return false;
        await Responses.WriteAsync(http, 200, Document(found)).ConfigureAwait(false);
        return true;
    }

    private List<ResourceDefinition> Of(string group, string version) => [.. registry.All.Where(r => r.Group == group && r.Version == version)];

    private JsonObject Index()
    {
        var paths = new JsonObject();
        var revision = store.LastChange(CustomResourceCatalog.Definitions);
        foreach (var group in registry.All.GroupBy(r => r.ApiVersion))
        {
            var path = group.First().Group.Length == 0 ? $"api/{group.Key}" : $"apis/{group.Key}";
            var hash = group.Any(r => r.IsCustom) ? $"{ServerVersion.GitVersion}-{revision}" : ServerVersion.GitVersion;
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Uri.EscapeDataString(hash)}" };
        }
        return new JsonObject { ["paths"] = paths };
    }

    private JsonObject Document(List<ResourceDefinition> resources)
    {
        var schemas = new JsonObject();
        foreach (var (name, schema) in Closure(resources)) schemas[name] = schema;
        foreach (var resource in resources) AddKind(schemas, resource);
        var paths = new JsonObject();
        foreach (var resource in resources) OpenApiPaths.Add(paths, resource);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private void AddKind(JsonObject schemas, ResourceDefinition resource)
    {
        var name = OpenApiPaths.SchemaName(resource);
        if (resource.IsCustom) schemas[name] = CustomSchema(resource);
        if (schemas[name] is not JsonObject schema) return;
        schema["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiPaths.Kind(resource.Group, resource.Version, resource.Kind));
        if (!resource.Verbs.Contains("list")) return;
        schemas[name + "List"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["type"] = "string" },
                ["kind"] = new JsonObject { ["type"] = "string" },
                ["metadata"] = Reference($"{BuiltInSchemas.MetaPackage}.ListMeta"),
                ["items"] = new JsonObject { ["type"] = "array", ["items"] = Reference(name) },
            },
            ["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiPaths.Kind(resource.Group, resource.Version, resource.ListKind)),
        };
    }

    private JsonObject CustomSchema(ResourceDefinition resource)
    {
        var definition = store.Find(new ObjectKey(CustomResourceCatalog.Definitions, "", resource.QualifiedName));
        var schema = definition is null ? null : JsonObjects.Parse(definition.Json).Object("spec").Array("versions").Objects()
            .FirstOrDefault(v => v.Text("name") == resource.Version).Object("schema").Object("openAPIV3Schema")?.Copy();
        schema ??= new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        var properties = schema.Member("properties");
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "APIVersion defines the versioned schema of this representation of an object." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "Kind is a string value representing the REST resource this object represents." };
        properties["metadata"] = new JsonObject
        {
            ["description"] = "Standard object's metadata.", ["allOf"] = new JsonArray(Reference($"{BuiltInSchemas.MetaPackage}.ObjectMeta")),
        };
        return schema;
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    /// <summary>The definitions that the kinds of a group reach.</summary>
    private static Dictionary<string, JsonObject> Closure(List<ResourceDefinition> resources)
    {
        var all = BuiltInSchemas.Definitions().ToDictionary(d => d.Name, d => d.Schema, StringComparer.Ordinal);
        var found = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var open = new Stack<string>(resources.Select(OpenApiPaths.SchemaName)
            .Concat(((string[])["ObjectMeta", "ListMeta", "DeleteOptions", "Status"]).Select(k => $"{BuiltInSchemas.MetaPackage}.{k}")));
        while (open.TryPop(out var name))
        {
            if (!all.TryGetValue(name, out var schema) || !found.TryAdd(name, schema)) continue;
            Visit(schema, open);
        }
        return found;
    }

    private static void Visit(JsonNode? node, Stack<string> references)
    {
        switch (node)
        {
            case JsonObject obj:
                obj.Remove("x-wire");
                obj.Remove("x-pointer");
                if (obj.Text("$ref") is { } reference) references.Push(reference[(reference.LastIndexOf('/') + 1)..]);
                foreach (var (_, value) in obj) Visit(value, references);
                break;
            case JsonArray array:
                foreach (var item in array) Visit(item, references);
                break;
        }
    }
}
