using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Tables;

/// <summary>Columns that many kinds share, and how cells are read from objects.</summary>
internal static class TableColumns
{
    public static readonly TableColumn Name = new("Name", "string", (o, _) => Text(o, "metadata", "name")) { Format = "name" };

    public static readonly TableColumn Age = new("Age", "string", (o, now) => AgeOf(o, now, "metadata", "creationTimestamp"));

    public static readonly IReadOnlyList<TableColumn> NameAndAge = [Name, Age];

    public static JsonElement? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        }
        return element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : element;
    }

    public static string Text(JsonElement element, params ReadOnlySpan<string> path) => Find(element, path) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } other => other.GetRawText(),
        null => "",
    };

    public static long Number(JsonElement element, params ReadOnlySpan<string> path) =>
        Find(element, path) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : 0;

    public static IEnumerable<JsonElement> Items(JsonElement element, params ReadOnlySpan<string> path) =>
        Find(element, path) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    public static int Count(JsonElement element, params ReadOnlySpan<string> path) => Find(element, path) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.GetArrayLength(),
        { ValueKind: JsonValueKind.Object } obj => obj.EnumerateObject().Count(),
        _ => 0,
    };

    public static string AgeOf(JsonElement element, DateTimeOffset now, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(Text(element, path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then)
            ? Short(now - then) : "<unknown>";

    /// <summary>Label selectors and maps as kubectl shows them.</summary>
    public static string Pairs(JsonElement element, params ReadOnlySpan<string> path)
    {
        var text = Find(element, path) is { ValueKind: JsonValueKind.Object } map
            ? string.Join(",", map.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value.GetString()}")) : "";
        return text.Length > 0 ? text : "<none>";
    }

    /// <summary>A duration as kubectl abbreviates it, for example <c>3m4s</c> or <c>5d</c>.</summary>
    /// <remarks>Source: k8s.io/apimachinery/pkg/util/duration HumanDuration.</remarks>
    public static string Short(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return $"{seconds}s";
        var minutes = seconds / 60;
        if (minutes < 10) return WithRest(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return $"{minutes}m";
        var hours = seconds / 3600;
        if (hours < 8) return WithRest(hours, "h", minutes % 60, "m");
        if (hours < 48) return $"{hours}h";
        if (hours < 24 * 8) return WithRest(hours / 24, "d", hours % 24, "h");
        if (hours < 24 * 365 * 2) return $"{hours / 24}d";
        return hours < 24 * 365 * 8 ? WithRest(hours / 24 / 365, "y", hours / 24 % 365, "d") : $"{hours / 24 / 365}y";

        static string WithRest(long whole, string unit, long rest, string restUnit) =>
            rest == 0 ? $"{whole}{unit}" : $"{whole}{unit}{rest}{restUnit}";
    }

    public static JsonNode? Node(string text) => JsonValue.Create(text);
}
