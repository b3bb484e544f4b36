using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Drops, reports or refuses what the schema does not know, as the request's fieldValidation says, and drops nulls.</summary>
internal static class FieldPruning
{
    private const int MaxReported = 100;

    /// <exception cref="ApiException">Strict validation found unknown fields, or a built-in kind does not decode.</exception>
    public static void Apply(ResourceDefinition resource, JsonObject obj, WriteOptions options)
    {
        var unknown = new List<string>();
        if (!resource.IsCustom && new GoDecoding(resource).Fault(obj) is { } fault) throw ApiErrors.BadRequest(fault);
        Prune(resource.Schema, obj, "", unknown);
        if (unknown.Count == 0 || options.FieldValidation == FieldValidation.Ignore) return;
        var all = unknown.Take(MaxReported).Select(path => $"unknown field \"{path}\"").ToList();
        if (options.FieldValidation == FieldValidation.Warn)
        {
            foreach (var warning in all.Where(w => !options.Warnings.Contains(w))) options.Warnings.Add(warning);
            return;
        }
        var error = $"strict decoding error: {string.Join(", ", all)}";
        throw ApiErrors.BadRequest(resource.IsCustom
            ? error
            : $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {error}");
    }

    private static void Prune(SchemaNode schema, JsonNode node, string path, List<string> unknown)
    {
        if (node is JsonArray array)
        {
            if (schema.Items is not { } items || ReferenceEquals(items, SchemaNode.Anything)) return;
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is { } item) Prune(items, item, $"{path}[{i}]", unknown);
            }
            return;
        }
        if (node is not JsonObject obj || ReferenceEquals(schema, SchemaNode.Anything)) return;
        List<string>? dropped = null;
        foreach (var (name, value) in obj)
        {
            var member = schema.Member(name);
            if (member is null)
            {
                unknown.Add(path.Length == 0 ? name : $"{path}.{name}");
                (dropped ??= []).Add(name);
            }
            else if (value is null)
            {
                if (!member.Nullable && !ReferenceEquals(member, SchemaNode.Anything)) (dropped ??= []).Add(name);
            }
            else if (value is JsonObject or JsonArray)
            {
                Prune(member, value, path.Length == 0 ? name : $"{path}.{name}", unknown);
            }
        }
        foreach (var name in dropped ?? []) obj.Remove(name);
    }
}
