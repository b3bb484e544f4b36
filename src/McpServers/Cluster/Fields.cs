using System.Globalization;
using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster;

/// <summary>Reads fields of objects of any kind.</summary>
internal static class Fields
{
    public static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path) node = (node as JsonObject)?[name];
        return node;
    }

    public static string? Text(JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>Numbers that were read hold JSON, numbers that we made hold a long: both count.</summary>
    public static long? Number(JsonNode? node, params ReadOnlySpan<string> path) =>
        At(node, path) is not JsonValue value ? null : value.TryGetValue(out long whole) ? whole : value.TryGetValue(out double number) ? (long)number : null;

    public static bool Flag(JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    public static IEnumerable<JsonObject> Items(JsonNode? node, params ReadOnlySpan<string> path) => (At(node, path) as JsonArray)?.OfType<JsonObject>() ?? [];

    public static DateTimeOffset? Time(JsonNode? node, params ReadOnlySpan<string> path) =>
        Text(node, path) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>A selector as a query takes it; <see langword="null"/> when the object selects nothing.</summary>
    public static string? Selector(JsonNode? selector)
    {
        if (selector is not JsonObject json) return null;
        var isPlain = !json.ContainsKey("matchLabels") && !json.ContainsKey("matchExpressions"); // a Service's is a plain map
        var labels = (isPlain ? json : json["matchLabels"] as JsonObject) ?? [];
        var parts = labels.Select(l => $"{l.Key}={l.Value}").ToList();
        foreach (var expression in Items(json, "matchExpressions"))
        {
            var (key, values) = (Text(expression, "key"), string.Join(",", (At(expression, "values") as JsonArray ?? []).Select(v => (string?)v)));
            parts.Add(Text(expression, "operator") switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "DoesNotExist" => $"!{key}",
                _ => key ?? "",
            });
        }
        return parts.Count == 0 ? null : string.Join(",", parts);
    }
}
