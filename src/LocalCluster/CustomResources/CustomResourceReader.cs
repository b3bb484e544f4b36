using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;
using Castellan.LocalCluster.Tables;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>Turns a definition into the resources it defines: one per served version, the storage version first.</summary>
internal static class CustomResourceReader
{
    public static IReadOnlyList<ResourceDefinition> Read(JsonObject definition)
    {
        var spec = definition.Object("spec");
        return [.. spec.Array("versions").Objects().Where(v => v.Flag("served") == true)
            .OrderByDescending(v => v.Flag("storage") == true).Select(v => ReadVersion(spec!, v))];
    }

    private static ResourceDefinition ReadVersion(JsonObject spec, JsonObject version)
    {
        var names = spec.Object("names");
        var scale = version.Object("subresources").Object("scale");
        return new ResourceDefinition
        {
            Group = spec.Text("group")!,
            Version = version.Text("name")!,
            Kind = names.Text("kind")!,
            ListKind = names.Text("listKind")!,
            Plural = names.Text("plural")!,
            Singular = names.Text("singular")!,
            ShortNames = [.. names.Array("shortNames").Texts()],
            Categories = [.. names.Array("categories").Texts()],
            Namespaced = spec.Text("scope") == "Namespaced",
            HasStatus = version.Object("subresources")?.ContainsKey("status") == true,
            HasGeneration = true,
            Scale = scale is null ? null : new ScalePaths(
                Path(scale.Text("specReplicasPath"))!, Path(scale.Text("statusReplicasPath"))!, Path(scale.Text("labelSelectorPath"))),
            Schema = ReadSchema(version.Object("schema").Object("openAPIV3Schema")),
            Columns = PrinterColumns.Read(version.Array("additionalPrinterColumns")),
            IsCustom = true,
        };
    }

    /// <summary>The definition's own schema; metadata is the API's, whatever it says about it.</summary>
    private static SchemaNode ReadSchema(JsonObject? schema)
    {
        if (schema is null) return SchemaNode.Anything;
        var root = new SchemaReader().Read(schema);
        root.EmbeddedResource = true;
        return root;
    }

    private static string? Path(string? jsonPath) => jsonPath?.TrimStart('.');
}
