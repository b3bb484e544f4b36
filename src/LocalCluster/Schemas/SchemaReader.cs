using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Reads OpenAPI v3 schemas with Kubernetes' extensions.</summary>
/// <param name="resolve">Finds what a <c>$ref</c> names; null where references are not allowed.</param>
internal sealed class SchemaReader(Func<string, SchemaNode>? resolve = null)
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public SchemaNode Read(JsonObject schema)
    {
        var node = Referenced(schema) ?? new SchemaNode();
        if (schema.Text("type") is { } type) node.Type = type;
        if (schema.Text("format") is { } format) node.Format = format;
        node.IntOrString |= schema.Flag("x-kubernetes-int-or-string") == true;
        node.Nullable |= schema.Flag("nullable") == true;
        node.PreserveUnknown |= schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
        node.EmbeddedResource |= schema.Flag("x-kubernetes-embedded-resource") == true;
        if (schema["default"] is { } value) node.Default = value.DeepClone();
        if (schema.Object("properties") is { } properties)
        {
            node.Properties = properties.Where(p => p.Value is JsonObject).ToDictionary(p => string.Intern(p.Key), p => Read((JsonObject)p.Value!), StringComparer.Ordinal);
        }
        if (schema["additionalProperties"] is JsonObject values) node.Values = Read(values);
        else if (schema.Flag("additionalProperties") == true) node.Values = SchemaNode.Anything;
        if (schema.Object("items") is { } items) node.Items = Read(items);
        if (schema.Array("required") is { } required) node.Required = [.. required.Texts()];
        ReadMerge(schema, node);
        node.Wire = [.. schema.Array("x-wire")?.Select(n => n!.GetValue<int>()) ?? []];
        node.Pointer = schema.Flag("x-pointer") == true;
        node.Rules = ReadRules(schema) ?? node.Rules;
        node.HasDefaults = node.Values is { HasDefaults: true } || node.Items is { HasDefaults: true }
            || node.Properties.Values.Any(p => p.HasDefaults || p.Default is not null);
        return node;
    }

    private SchemaNode? Referenced(JsonObject schema)
    {
        if (resolve is null) return null;
        var name = schema.Text("$ref") ?? schema.Array("allOf").Objects().Select(o => o.Text("$ref")).FirstOrDefault(r => r is not null);
        return name is null ? null : resolve(name[(name.LastIndexOf('/') + 1)..]).Copy();
    }

    private static void ReadMerge(JsonObject schema, SchemaNode node)
    {
        if (node.Type == "array")
        {
            node.Merge = schema.Text("x-kubernetes-list-type") switch { "map" => MergeKind.Map, "set" => MergeKind.Set, _ => MergeKind.Atomic };
        }
        else if (schema.Text("x-kubernetes-map-type") is { } mapType)
        {
            node.Merge = mapType == "atomic" ? MergeKind.Atomic : MergeKind.Granular;
        }
        if (schema.Array("x-kubernetes-list-map-keys") is { } keys) node.MapKeys = [.. keys.Texts()];
        if (schema.Text("x-kubernetes-patch-merge-key") is { } key) node.PatchMergeKey = key;
        if (schema.Text("x-kubernetes-patch-strategy") is { } strategy) node.PatchStrategy = strategy.Split(',');
    }

    private ValueRules? ReadRules(JsonObject schema)
    {
        var rules = new ValueRules
        {
            Enum = schema.Array("enum") is { } values ? [.. values.Where(v => v is not null).Select(v => v!.DeepClone())] : null,
            Minimum = Number(schema, "minimum"),
            Maximum = Number(schema, "maximum"),
            ExclusiveMinimum = schema.Flag("exclusiveMinimum") == true,
            ExclusiveMaximum = schema.Flag("exclusiveMaximum") == true,
            MultipleOf = Number(schema, "multipleOf"),
            MinLength = schema.Integer("minLength"),
            MaxLength = schema.Integer("maxLength"),
            MinItems = schema.Integer("minItems"),
            MaxItems = schema.Integer("maxItems"),
            MinProperties = schema.Integer("minProperties"),
            MaxProperties = schema.Integer("maxProperties"),
            Pattern = schema.Text("pattern") is { } pattern ? new Regex(pattern, RegexOptions.CultureInvariant, PatternTimeout) : null,
            AllOf = Alternatives(schema, "allOf"),
            AnyOf = Alternatives(schema, "anyOf"),
            OneOf = Alternatives(schema, "oneOf"),
            Not = schema.Object("not") is { } not ? Read(not) : null,
            Cel = [.. schema.Array("x-kubernetes-validations").Objects().Select(r =>
                new CelRule(r.Text("rule") ?? "", r.Text("message"), r.Text("messageExpression")) { Reason = r.Text("reason"), FieldPath = r.Text("fieldPath") })],
        };
        return rules.IsEmpty ? null : rules;
    }

    private List<SchemaNode> Alternatives(JsonObject schema, string name) =>
        [.. schema.Array(name).Objects().Where(a => !a.ContainsKey("$ref")).Select(Read)];

    private static double? Number(JsonObject schema, string name) =>
        schema[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() : null;
}
