using System.Reflection;
using System.Text.Json.Nodes;
using Castellan.KubeApi;

namespace Castellan.AgentApi.Schema;

/// <summary>Makes the CustomResourceDefinition of a kind out of its type: what the compiler knows, users see in <c>kubectl explain</c>.</summary>
/// <remarks>Source: Kubernetes API reference, CustomResourceDefinition v1; "Specifying a structural schema".</remarks>
public static class CrdGenerator
{
    /// <summary>The category under which <c>kubectl get</c> lists all of our kinds.</summary>
    public const string Category = "castellan";

    /// <summary>Generates the definition of one kind. The same types and documents always give the same result.</summary>
    /// <param name="kind">A type with <see cref="KubeResourceAttribute"/>.</param>
    /// <param name="docs">Where descriptions come from.</param>
    /// <exception cref="InvalidOperationException">The type holds something that a structural schema cannot say; the message names the member.</exception>
    public static JsonObject Generate(Type kind, TypeDocs docs)
    {
        var resource = KubeResource.Of(kind);
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{resource.Plural}.{resource.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = resource.Group,
                ["names"] = Names(kind, resource),
                ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
                ["versions"] = new JsonArray(Version(kind, resource, docs)),
            },
        };
    }

    private static JsonObject Names(Type kind, KubeResource resource)
    {
        var names = new JsonObject
        {
            ["categories"] = new JsonArray(Category),
            ["kind"] = resource.Kind,
            ["listKind"] = $"{resource.Kind}List",
            ["plural"] = resource.Plural,
            ["singular"] = resource.Kind.ToLowerInvariant(),
        };
        if (kind.GetCustomAttribute<ShortNamesAttribute>() is { } shortNames)
        {
            names["shortNames"] = new JsonArray([.. shortNames.Names.Select(n => JsonValue.Create(n))]);
        }

        return names;
    }

    private static JsonObject Version(Type kind, KubeResource resource, TypeDocs docs)
    {
        var version = new JsonObject
        {
            ["name"] = resource.Version,
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = new SchemaBuilder(docs).Root(kind) },
            ["additionalPrinterColumns"] = new JsonArray([.. kind.GetCustomAttributes<PrinterColumnAttribute>().Select(Column)]),
        };
        if (kind.GetProperty("Status") is not null)
        {
            version["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        }

        return version;
    }

    private static JsonObject Column(PrinterColumnAttribute column)
    {
        var json = new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["jsonPath"] = column.JsonPath };
        if (column.Priority > 0)
        {
            json["priority"] = column.Priority;
        }

        return json;
    }
}
