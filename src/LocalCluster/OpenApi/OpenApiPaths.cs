using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.OpenApi;

/// <summary>The paths of an OpenAPI document: which operations a resource has and which options they take.</summary>
internal static class OpenApiPaths
{
    private static readonly string[] WriteOptions = ["dryRun", "fieldManager", "fieldValidation"];
    private static readonly string[] ListOptions = ["labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "watch"];

    private static readonly string[] PatchTypes =
        ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];

    /// <summary>The name of a resource's schema in the document.</summary>
    public static string SchemaName(ResourceDefinition resource) => resource.IsCustom
        ? $"{string.Join('.', resource.Group.Split('.').Reverse())}.{resource.Version}.{resource.Kind}"
        : BuiltInSchemas.DefinitionName(resource.Group, resource.Version, resource.Kind);

    public static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    public static void Add(JsonObject paths, ResourceDefinition resource)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.ApiVersion}";
        var collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Plural}" : $"{root}/{resource.Plural}";
        var onCollection = new JsonObject();
        AddIf("list", "get", ListOptions, onCollection);
        AddIf("create", "post", WriteOptions, onCollection);
        AddIf("deletecollection", "delete", ListOptions, onCollection);
        paths[collection] = onCollection;
        var onObject = new JsonObject();
        AddIf("get", "get", [], onObject);
        AddIf("update", "put", WriteOptions, onObject);
        AddIf("patch", "patch", [.. WriteOptions, "force"], onObject);
        AddIf("delete", "delete", ["dryRun", "gracePeriodSeconds", "propagationPolicy"], onObject);
        if (onObject.Count > 0) paths[$"{collection}/{{name}}"] = onObject;

        void AddIf(string verb, string method, string[] options, JsonObject item)
        {
            if (resource.Verbs.Contains(verb)) item[method] = Operation(resource, verb, method, options);
        }
    }

    private static JsonObject Operation(ResourceDefinition resource, string verb, string method, string[] options)
    {
        var operation = new JsonObject
        {
            ["operationId"] = $"{verb}{resource.Kind}",
            ["parameters"] = options.Select(o => (JsonNode)new JsonObject
            {
                ["name"] = o, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
            }).ToArrayNode(),
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "OK", ["content"] = Content("application/json", SchemaName(resource) + (verb == "list" ? "List" : "")) },
            },
            ["x-kubernetes-action"] = verb,
            ["x-kubernetes-group-version-kind"] = Kind(resource.Group, resource.Version, resource.Kind),
        };
        if (method is "post" or "put") operation["requestBody"] = new JsonObject { ["content"] = Content("application/json", SchemaName(resource)) };
        if (method == "patch")
        {
            var content = new JsonObject();
            foreach (var type in PatchTypes.Where(t => !resource.IsCustom || !t.Contains("strategic", StringComparison.Ordinal))) content[type] = new JsonObject();
            operation["requestBody"] = new JsonObject { ["content"] = content };
        }
        return operation;
    }

    private static JsonObject Content(string type, string schema) => new()
    {
        [type] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/" + schema } },
    };
}
