using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Checks an object against its schema: all of it for a custom kind, the enumerations for a built-in one.</summary>
internal static class SchemaChecks
{
    private const int MaxFaults = 100;

    /// <param name="resource">The kind.</param>
    /// <param name="obj">The object, defaulted.</param>
    /// <param name="old">The object before the write, for rules about transitions; null for a creation.</param>
    public static IEnumerable<FieldFault> Check(ResourceDefinition resource, JsonObject obj, JsonObject? old)
    {
        var faults = new List<FieldFault>();
        if (resource.IsCustom)
        {
            new ValueChecker(faults).Check(resource.Schema, obj, "");
            if (faults.Count == 0) new CelChecker(faults).Check(resource.Schema, obj, old, "");
        }
        else
        {
            CheckEnums(resource.Schema, obj, "", faults);
        }
        return faults.Take(MaxFaults);
    }

    private static void CheckEnums(SchemaNode schema, JsonNode? node, string path, List<FieldFault> faults)
    {
        switch (node)
        {
            case JsonObject obj:
                foreach (var (name, value) in obj)
                {
                    if (value is not null && schema.Member(name) is { } member) CheckEnums(member, value, path.Length == 0 ? name : $"{path}.{name}", faults);
                }
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++) CheckEnums(items, array[i], $"{path}[{i}]", faults);
                break;
            case JsonValue value when schema.Rules?.Enum is { } allowed && value.ToString() is { Length: > 0 } text:
                if (allowed.All(a => a.ToString() != text))
                {
                    faults.Add(FieldFault.NotSupported(path, $"\"{text}\"", allowed.Select(a => $"\"{a}\"")));
                }
                break;
        }
    }
}
