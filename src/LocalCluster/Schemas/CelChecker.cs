using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Cel;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.ManagedFields;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Evaluates the x-kubernetes-validations of a schema over a value that already fits it.</summary>
/// <remarks>Source: Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", validation rules.</remarks>
internal sealed class CelChecker(List<FieldFault> faults)
{
    public void Check(SchemaNode schema, JsonNode? node, JsonNode? old, string path)
    {
        if (node is null || ReferenceEquals(schema, SchemaNode.Anything)) return;
        foreach (var rule in schema.Rules?.Cel ?? []) CheckRule(rule, node, old, path);
        switch (node)
        {
            case JsonObject obj:
                foreach (var (name, value) in obj)
                {
                    if (schema.EmbeddedResource && name is "metadata") continue;
                    if (schema.Member(name) is { } member) Check(member, value, (old as JsonObject)?[name], path.Length == 0 ? name : $"{path}.{name}");
                }
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++) Check(items, array[i], Counterpart(schema, array[i], old as JsonArray), $"{path}[{i}]");
                break;
        }
    }

    /// <summary>Items have a state before only where the list tells them apart.</summary>
    private static JsonNode? Counterpart(SchemaNode list, JsonNode? item, JsonArray? old) => list.Merge == MergeKind.Map
        ? old?.FirstOrDefault(o => FieldPath.Item(o, list) == FieldPath.Item(item, list))
        : null;

    private void CheckRule(CelRule rule, JsonNode node, JsonNode? old, string path)
    {
        if (rule.IsTransition && old is null) return;
        if (rule.Check(CelJson.FromJson(node), old is null ? null : CelJson.FromJson(old)) is not { } message) return;
        var field = path + rule.FieldPath;
        if (path.Length == 0) field = rule.FieldPath?.TrimStart('.') ?? "<nil>";
        faults.Add(rule.Reason switch
        {
            "FieldValueForbidden" => FieldFault.Forbidden(field, message),
            "FieldValueRequired" => FieldFault.Required(field, message),
            "FieldValueDuplicate" => FieldFault.Duplicate(field, Shown(node)),
            _ => FieldFault.Invalid(field, Shown(node), message),
        });
    }

    /// <summary>Objects and lists are named by type, as the real server does to keep messages short.</summary>
    private static string Shown(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "\"object\"",
        JsonValueKind.Array => "\"array\"",
        _ => node.ToJsonString(Json.JsonObjects.Compact),
    };
}
