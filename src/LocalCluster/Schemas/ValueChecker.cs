using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Checks values of custom kinds, with the messages of the real server's schema validation.</summary>
internal sealed class ValueChecker(List<FieldFault> faults)
{
    public void Check(SchemaNode schema, JsonNode? node, string path)
    {
        if (ReferenceEquals(schema, SchemaNode.Anything)) return;
        if (node is null)
        {
            if (!schema.Nullable && schema.Type.Length > 0) faults.Add(TypeFault(schema, path, "null"));
            return;
        }
        if (!HasType(schema, node))
        {
            faults.Add(TypeFault(schema, path, TypeName(node)));
            return;
        }
        switch (node)
        {
            case JsonObject obj:
                CheckObject(schema, obj, path);
                break;
            case JsonArray array:
                CheckArray(schema, array, path);
                break;
        }
        if (schema.Rules is { } rules) CheckRules(schema, rules, node, path);
    }

    private void CheckObject(SchemaNode schema, JsonObject obj, string path)
    {
        foreach (var name in schema.Required)
        {
            if (!obj.ContainsKey(name)) faults.Add(FieldFault.Required(Join(path, name)));
        }
        foreach (var (name, value) in obj)
        {
            if (schema.EmbeddedResource && (name is "metadata" or "apiVersion" or "kind")) continue;
            if (schema.Member(name) is { } member) Check(member, value, Join(path, name));
        }
    }

    private void CheckArray(SchemaNode schema, JsonArray array, string path)
    {
        for (var i = 0; i < array.Count; i++)
        {
            if (schema.Items is { } items) Check(items, array[i], $"{path}[{i}]");
        }
        if (schema.Merge is not (MergeKind.Map or MergeKind.Set)) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < array.Count; i++)
        {
            var key = schema.Merge == MergeKind.Set
                ? array[i]?.ToJsonString(JsonObjects.Compact) ?? "null"
                : new JsonObject(schema.MapKeys.Select(k => KeyValuePair.Create(k, (array[i] as JsonObject)?[k]?.DeepClone()))).ToJsonString(JsonObjects.Compact);
            if (!seen.Add(key)) faults.Add(FieldFault.Duplicate($"{path}[{i}]", key));
        }
    }

    private void CheckRules(SchemaNode schema, ValueRules rules, JsonNode node, string path)
    {
        if (rules.Enum is { } allowed && !allowed.Any(a => JsonObjects.Same(a, node)))
        {
            faults.Add(FieldFault.NotSupported(path, Shown(node), allowed.Select(Shown)));
        }
        switch (node)
        {
            case JsonObject obj:
                CheckCount(rules.MinProperties, rules.MaxProperties, obj.Count, path, "properties");
                break;
            case JsonArray array:
                CheckCount(rules.MinItems, rules.MaxItems, array.Count, path, "items");
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                CheckText(schema, rules, value.GetValue<string>(), path);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                CheckNumber(rules, value, path);
                break;
        }
        CheckAlternatives(rules, node, path);
    }

    private void CheckText(SchemaNode schema, ValueRules rules, string text, string path)
    {
        var length = text.EnumerateRunes().Count();
        if (length < rules.MinLength) faults.Add(FieldFault.Invalid(path, Quote(text), $"{path} in body should be at least {rules.MinLength} chars long"));
        if (length > rules.MaxLength) faults.Add(new FieldFault("FieldValueTooLong", path, $"Too long: may not be more than {rules.MaxLength} bytes"));
        if (rules.Pattern is { } pattern && !pattern.IsMatch(text)) faults.Add(FieldFault.Invalid(path, Quote(text), $"{path} in body should match '{pattern}'"));
    }

    private void CheckNumber(ValueRules rules, JsonValue value, string path)
    {
        if (!value.TryNumber(out var number)) return;
        var text = value.ToJsonString();
        if (number < rules.Minimum || (rules.ExclusiveMinimum && number == rules.Minimum))
        {
            faults.Add(FieldFault.Invalid(path, text, $"{path} in body should be greater than {(rules.ExclusiveMinimum ? "" : "or equal to ")}{Plain(rules.Minimum.Value)}"));
        }
        if (number > rules.Maximum || (rules.ExclusiveMaximum && number == rules.Maximum))
        {
            faults.Add(FieldFault.Invalid(path, text, $"{path} in body should be less than {(rules.ExclusiveMaximum ? "" : "or equal to ")}{Plain(rules.Maximum.Value)}"));
        }
        if (rules.MultipleOf is { } unit and > 0 && Math.Abs((number / unit) - Math.Round(number / unit)) > 1e-9)
        {
            faults.Add(FieldFault.Invalid(path, text, $"{path} in body should be a multiple of {Plain(unit)}"));
        }
    }

    private void CheckCount(long? min, long? max, int count, string path, string what)
    {
        if (count < min) faults.Add(FieldFault.Invalid(path, $"{count}", $"{path} in body should have at least {min} {what}"));
        if (count > max) faults.Add(new FieldFault("FieldValueTooMany", path, $"Too many: {count}: must have at most {max} {(what == "items" ? "items" : what)}"));
    }

    private void CheckAlternatives(ValueRules rules, JsonNode node, string path)
    {
        foreach (var all in rules.AllOf) Check(all, node, path);
        if (rules.AnyOf.Count > 0 && !rules.AnyOf.Any(s => Fits(s, node)))
        {
            faults.Add(FieldFault.Invalid(path, "\"\"", $"\"{path}\" must validate at least one schema (anyOf)"));
        }
        if (rules.OneOf.Count > 0 && rules.OneOf.Count(s => Fits(s, node)) is var fitting and not 1)
        {
            faults.Add(FieldFault.Invalid(path, "\"\"", $"\"{path}\" must validate one and only one schema (oneOf). Found "
                + (fitting == 0 ? "none valid" : $"{fitting} valid alternatives")));
        }
        if (rules.Not is { } not && Fits(not, node)) faults.Add(FieldFault.Invalid(path, "\"\"", $"\"{path}\" must not validate the schema (not)"));
    }

    private static bool Fits(SchemaNode schema, JsonNode node)
    {
        var found = new List<FieldFault>();
        new ValueChecker(found).Check(schema, node, "");
        return found.Count == 0;
    }

    private static bool HasType(SchemaNode schema, JsonNode node)
    {
        var kind = node.GetValueKind();
        if (schema.IntOrString) return kind == JsonValueKind.String || IsInteger(node);
        return schema.Type switch
        {
            "object" => kind == JsonValueKind.Object,
            "array" => kind == JsonValueKind.Array,
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => IsInteger(node),
            "number" => kind == JsonValueKind.Number,
            _ => true,
        };
    }

    private static bool IsInteger(JsonNode node) =>
        node.GetValueKind() == JsonValueKind.Number && node.AsValue().TryInteger(out _);

    private static FieldFault TypeFault(SchemaNode schema, string path, string given)
    {
        var wanted = schema.IntOrString ? "integer,string" : schema.Type;
        return FieldFault.Type(path.Length == 0 ? "<nil>" : path, given == "null" ? "\"null\"" : $"\"{given}\"", $"{path} in body must be of type {wanted}: \"{given}\"");
    }

    private static string TypeName(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => IsInteger(node) ? "integer" : "number",
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shown(JsonNode? node) => node.IsText() ? Quote(node.GetValue<string>()) : node?.ToJsonString(JsonObjects.Compact) ?? "null";

    private static string Quote(string text) => JsonSerializer.Serialize(text, JsonObjects.Compact);

    private static string Plain(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
