using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Checks that a built-in kind would decode into the real server's types, and words the refusal as it does.</summary>
internal sealed class GoDecoding(ResourceDefinition resource)
{
    /// <returns>The first fault, or null.</returns>
    public string? Fault(JsonObject obj) => Fault(resource.Schema, obj, "", resource.Kind) is { } fault
        ? $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {fault}"
        : null;

    private static string? Fault(SchemaNode schema, JsonNode? node, string path, string owner)
    {
        if (node is null || ReferenceEquals(schema, SchemaNode.Anything)) return null;
        if (schema.IntOrString || schema.Format == "quantity")
        {
            return node.GetValueKind() is JsonValueKind.String or JsonValueKind.Number
                ? schema.Format == "quantity" ? QuantityFault(node) : null : Mismatch(schema, node, path, owner);
        }
        return schema.Type switch
        {
            "object" => node is JsonObject obj ? MembersFault(schema, obj, path, owner) : Mismatch(schema, node, path, owner),
            "array" => node is JsonArray array ? ItemsFault(schema, array, path, owner) : Mismatch(schema, node, path, owner),
            "string" => node.GetValueKind() == JsonValueKind.String ? TextFault(schema, node.GetValue<string>()) : Mismatch(schema, node, path, owner),
            "boolean" => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : Mismatch(schema, node, path, owner),
            "integer" => node.GetValueKind() == JsonValueKind.Number ? IntegerFault(schema, node, path, owner) : Mismatch(schema, node, path, owner),
            "number" => node.GetValueKind() == JsonValueKind.Number ? null : Mismatch(schema, node, path, owner),
            _ => null,
        };
    }

    private static string? MembersFault(SchemaNode schema, JsonObject obj, string path, string owner)
    {
        var type = schema.GoType.Length > 0 ? schema.GoType[(schema.GoType.IndexOf('.') + 1)..] : owner;
        foreach (var (name, value) in obj)
        {
            if (schema.Member(name) is { } member && Fault(member, value, path.Length == 0 ? name : $"{path}.{name}", type) is { } fault) return fault;
        }
        return null;
    }

    private static string? ItemsFault(SchemaNode schema, JsonArray array, string path, string owner)
    {
        foreach (var item in array)
        {
            if (schema.Items is { } items && Fault(items, item, path, owner) is { } fault) return fault;
        }
        return null;
    }

    private static string? TextFault(SchemaNode schema, string text) => schema.Format switch
    {
        "byte" when !Base64.IsValid(text) => "illegal base64 data at input byte " + Encoding.UTF8.GetBytes(text).AsSpan()
            .IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8).ToString(CultureInfo.InvariantCulture),
        "date-time" when !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) =>
            $"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\"",
        _ => null,
    };

    private static string? IntegerFault(SchemaNode schema, JsonNode node, string path, string owner)
    {
        var fits = node.AsValue().TryInteger(out var number) && (schema.Format != "int32" || number is >= int.MinValue and <= int.MaxValue);
        return fits ? null : $"json: cannot unmarshal number {node.ToJsonString()} into Go struct field {owner}.{path} of type {GoType(schema)}";
    }

    private static string? QuantityFault(JsonNode node)
    {
        var text = node.ToString();
        var unit = text.AsSpan().TrimStart("+-0123456789.");
        var known = unit is "" or "n" or "u" or "m" or "k" or "M" or "G" or "T" or "P" or "E" or "Ki" or "Mi" or "Gi" or "Ti" or "Pi" or "Ei"
            || (unit is ['e' or 'E', ..] && int.TryParse(unit[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
        return known && decimal.TryParse(text.AsSpan()[..^unit.Length], NumberStyles.Number, CultureInfo.InvariantCulture, out _)
            ? null
            : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    }

    private static string Mismatch(SchemaNode schema, JsonNode node, string path, string owner)
    {
        var given = node.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            _ => "bool",
        };
        return $"json: cannot unmarshal {given} into Go struct field {owner}.{path} of type {GoType(schema)}";
    }

    private static string GoType(SchemaNode schema) => schema switch
    {
        { GoType.Length: > 0 } => schema.GoType,
        { Format: "byte" } => "[]uint8",
        { Format: "date-time" } => "v1.Time",
        { Format: "quantity" } => "resource.Quantity",
        { IntOrString: true } => "intstr.IntOrString",
        { Type: "array", Items: { } items } => "[]" + GoType(items),
        { Type: "object", Values: { } values } => "map[string]" + GoType(values),
        { Type: "boolean" } => "bool",
        { Type: "integer" } => schema.Format.Length > 0 ? schema.Format : "int64",
        { Type: "number" } => "float64",
        { Type: "string" } => "string",
        _ => "interface {}",
    };
}
