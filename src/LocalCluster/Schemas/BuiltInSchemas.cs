using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Schemas;

/// <summary>The schemas of the built-in kinds, read from the definitions in this assembly when first needed.</summary>
/// <remarks>The definitions are generated from Kubernetes' own types by scripts/builtin-schemas.</remarks>
internal static class BuiltInSchemas
{
    public const string MetaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1";
    private const string Resource = "builtin-schemas.jsonl";
    private static readonly Lazy<Dictionary<string, SchemaNode>> Nodes = new(ReadAll);

    public static SchemaNode Text { get; } = new() { Type = "string" };

    public static SchemaNode ObjectMeta => Nodes.Value[MetaPackage + ".ObjectMeta"];

    /// <summary>The schema of a kind; anything goes when there is none.</summary>
    public static SchemaNode Of(string group, string version, string kind) => Nodes.Value.GetValueOrDefault(DefinitionName(group, version, kind)) ?? SchemaNode.Anything;

    /// <summary>A type of meta/v1, such as DeleteOptions.</summary>
    public static SchemaNode? Meta(string kind) => Nodes.Value.GetValueOrDefault($"{MetaPackage}.{kind}");

    /// <summary>The name of a kind's definition, as in the real server's OpenAPI.</summary>
    public static string DefinitionName(string group, string version, string kind) => group == "apiextensions.k8s.io"
        ? $"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{version}.{kind}"
        : $"io.k8s.api.{(group.Length == 0 ? "core" : group.Split('.')[0])}.{version}.{kind}";

    /// <summary>Every definition with its name, as written; not kept in memory.</summary>
    public static IEnumerable<(string Name, JsonObject Schema)> Definitions()
    {
        using var reader = new StreamReader(typeof(BuiltInSchemas).Assembly.GetManifestResourceStream(Resource)!);
        while (reader.ReadLine() is { } line)
        {
            var entry = JsonNode.Parse(line)!.AsObject();
            yield return (entry.Text("name")!, entry.Object("schema")!.Copy());
        }
    }

    private static Dictionary<string, SchemaNode> ReadAll()
    {
        var written = Definitions().ToDictionary(d => d.Name, d => d.Schema, StringComparer.Ordinal);
        var nodes = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        SchemaReader? reader = null;
        reader = new SchemaReader(Resolve);
        foreach (var name in written.Keys) Resolve(name);
        return nodes;

        SchemaNode Resolve(string name)
        {
            if (nodes.TryGetValue(name, out var known)) return known;
            var node = reader!.Read(written[name]);
            node.GoType = GoName(name);
            return nodes[name] = node;
        }
    }

    private static string GoName(string definition)
    {
        var parts = definition.Split('.');
        return $"{parts[^2]}.{parts[^1]}";
    }
}
