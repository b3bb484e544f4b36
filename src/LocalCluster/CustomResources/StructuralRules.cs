using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>A schema must be structural: every node says its type.</summary>
/// <remarks>Source: Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", specifying a structural schema.</remarks>
internal static class StructuralRules
{
    public static IEnumerable<FieldFault> Check(IReadOnlyList<JsonObject> versions) => versions.Index().SelectMany(v =>
        Check(v.Item.Object("schema").Object("openAPIV3Schema"), $"spec.versions[{v.Index}].schema.openAPIV3Schema", isRoot: true));

    private static IEnumerable<FieldFault> Check(JsonObject? schema, string path, bool isRoot)
    {
        if (schema is null) yield break;
        var type = schema.Text("type");
        var free = schema.Flag("x-kubernetes-int-or-string") == true || schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
        if (isRoot && type != "object")
        {
            yield return FieldFault.Invalid($"{path}.type", $"\"{type}\"", "must be object at the root");
        }
        else if (string.IsNullOrEmpty(type) && !free)
        {
            yield return FieldFault.Required($"{path}.type", "must not be empty for specified object fields");
        }
        foreach (var (i, rule) in schema.Array("x-kubernetes-validations").Objects().Index())
        {
            var text = rule.Text("rule") ?? "";
            var compiled = new CelRule(text, null, rule.Text("messageExpression"));
            if (compiled.Faults is [var first, ..])
            {
                yield return FieldFault.Invalid($"{path}.x-kubernetes-validations[{i}].rule", JsonSerializer.Serialize(text, JsonObjects.Compact), $"compilation failed: ERROR: {first}");
            }
        }
        foreach (var (name, property) in schema.Object("properties") ?? [])
        {
            foreach (var fault in Check(property as JsonObject, $"{path}.properties[{name}]", false)) yield return fault;
        }
        if (type == "array" && schema.Object("items") is null) yield return FieldFault.Required($"{path}.items", "must be specified");
        foreach (var fault in Check(schema.Object("items"), $"{path}.items", false)) yield return fault;
        foreach (var fault in Check(schema.Object("additionalProperties"), $"{path}.additionalProperties", false)) yield return fault;
        if (schema.Object("properties") is not null && schema["additionalProperties"] is not null)
        {
            yield return FieldFault.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }
    }
}
