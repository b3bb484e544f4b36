using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.McpServers.Tools;

/// <summary>The arguments of a call, checked against the tool's schema.</summary>
internal sealed class ToolArguments
{
    private readonly JsonObject _values;

    private ToolArguments(JsonObject values) => _values = values;

    /// <exception cref="ToolProblem">The arguments do not fit; the message names every fault and the arguments there are.</exception>
    public static ToolArguments Check(JsonObject schema, IDictionary<string, JsonElement>? arguments)
    {
        var properties = schema["properties"]!.AsObject();
        List<string> faults = [];
        var values = new JsonObject();
        foreach (var (name, value) in arguments ?? new Dictionary<string, JsonElement>())
        {
            if (properties[name] is not JsonObject property) faults.Add($"there is no argument '{name}'");
            else if (value.ValueKind == JsonValueKind.Null && !IsRequired(schema, name)) continue; // models send null for "not given"
            else if (FaultOf(property, value) is { } fault) faults.Add($"'{name}' {fault}");
            else values[name] = JsonNode.Parse(value.GetRawText());
        }
        foreach (var name in schema["required"]!.AsArray().Select(r => (string)r!))
        {
            if (!values.ContainsKey(name) && (arguments is null || !arguments.ContainsKey(name))) faults.Add($"'{name}' is missing");
        }
        if (faults.Count == 0) return new(values);
        throw new ToolProblem(string.Join("; ", faults), $"the arguments are {string.Join(", ", properties.Select(p => IsRequired(schema, p.Key) ? p.Key : $"{p.Key} (optional)"))}");
    }

    public string Text(string name) => (string)_values[name]!;

    public string? OptionalText(string name) => (string?)_values[name];

    public int? Integer(string name) => _values[name] is { } value ? (int)value.GetValue<double>() : null;

    public int Integer(string name, int standard) => Integer(name) ?? standard;

    public bool Flag(string name) => (bool?)_values[name] ?? false;

    public JsonNode? Node(string name) => _values[name];

    private static bool IsRequired(JsonObject schema, string name) => schema["required"]!.AsArray().Any(r => (string)r! == name);

    private static string? FaultOf(JsonObject property, JsonElement value) => (string?)property["type"] switch
    {
        "string" => TextFault(property, value),
        "integer" => IntegerFault(property, value),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : $"is {Shown(value)}; it must be true or false",
        "object" => value.ValueKind == JsonValueKind.Object ? null : $"is {Shown(value)}; it must be an object",
        "array" => value.ValueKind == JsonValueKind.Array ? null : $"is {Shown(value)}; it must be a list",
        _ => null,
    };

    private static string? TextFault(JsonObject property, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return $"is {Shown(value)}; it must be a text";
        if (property["enum"] is JsonArray choices && !choices.Any(c => (string)c! == value.GetString()))
            return $"is {Shown(value)}; it must be one of {string.Join(", ", choices.Select(c => (string)c!))}";
        return property["minLength"] is { } least && value.GetString()!.Length < (int)least ? "is empty" : null;
    }

    private static string? IntegerFault(JsonObject property, JsonElement value)
    {
        var (least, most) = ((int)property["minimum"]!, (int)property["maximum"]!);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number == Math.Floor(number) && number >= least && number <= most
            ? null
            : $"is {Shown(value)}; it must be a whole number from {least} to {most}";
    }

    private static string Shown(JsonElement value)
    {
        var raw = value.GetRawText();
        return raw.Length > 60 ? raw[..60] + "…" : raw;
    }
}
