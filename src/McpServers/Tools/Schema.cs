using System.Text.Json.Nodes;

namespace Castellan.McpServers.Tools;

/// <summary>Writes the JSON Schemas of tools: closed objects whose every property says what it is for.</summary>
internal static class Schema
{
    public static JsonObject Object(IEnumerable<(string Name, JsonObject Schema)> properties, params string[] required) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, p.Schema))),
        ["required"] = new JsonArray([.. required.Select(r => (JsonNode)r)]),
        ["additionalProperties"] = false,
    };

    public static JsonObject Text(string description, params string[] examples) => With(new() { ["type"] = "string", ["description"] = description, ["minLength"] = 1 }, examples);

    public static JsonObject Choice(string description, params string[] values)
    {
        var schema = new JsonObject { ["type"] = "string", ["description"] = description };
        schema["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]);
        return schema;
    }

    public static JsonObject Integer(string description, int minimum, int maximum, int? standard = null)
    {
        var schema = new JsonObject { ["type"] = "integer", ["description"] = description, ["minimum"] = minimum, ["maximum"] = maximum };
        if (standard is { } value) schema["default"] = value;
        return schema;
    }

    public static JsonObject Flag(string description) => new() { ["type"] = "boolean", ["description"] = description, ["default"] = false };

    /// <summary>An object of any shape, for structured content and patches.</summary>
    public static JsonObject Any(string description) => new() { ["type"] = "object", ["description"] = description };

    public static JsonObject ListOf(string description, JsonObject items) => new() { ["type"] = "array", ["description"] = description, ["items"] = items };

    /// <summary>Structured content: what is named is always there, more may be.</summary>
    public static JsonObject Output(params (string Name, JsonObject Schema)[] properties)
    {
        var schema = Object(properties, [.. properties.Select(p => p.Name)]);
        schema.Remove("additionalProperties");
        return schema;
    }

    private static JsonObject With(JsonObject schema, string[] examples)
    {
        if (examples.Length > 0) schema["examples"] = new JsonArray([.. examples.Select(e => (JsonNode)e)]);
        return schema;
    }
}
