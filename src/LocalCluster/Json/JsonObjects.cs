using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Json;

/// <summary>Short ways to read and write members of JSON objects.</summary>
internal static class JsonObjects
{
    public static JsonSerializerOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Documents = new() { MaxDepth = 256 };

    public static JsonObject Parse(ReadOnlySpan<byte> utf8) =>
        JsonNode.Parse(utf8, null, Documents) as JsonObject ?? throw new JsonException("the document is not an object");

    public static byte[] ToUtf8(this JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Compact);

    /// <summary>The member as text, or null when absent or not a string.</summary>
    public static string? Text(this JsonNode? node, string name) =>
        node is JsonObject obj && obj[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static JsonObject? Object(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static JsonArray? Array(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonArray;

    public static long? Integer(this JsonNode? node, string name) =>
        node is JsonObject obj && obj[name] is JsonValue value && value.TryInteger(out var number) ? number : null;

    /// <summary>A whole number, whether it was parsed or set by code.</summary>
    public static bool TryInteger(this JsonValue value, out long number)
    {
        if (value.TryGetValue(out number)) return true;
        if (value.TryGetValue<int>(out var small))
        {
            number = small;
            return true;
        }
        if (!value.TryNumber(out var real) || real != Math.Floor(real) || Math.Abs(real) > 1L << 53) return false;
        number = (long)real;
        return true;
    }

    /// <summary>A number, whether it was parsed or set by code.</summary>
    public static bool TryNumber(this JsonValue value, out double number)
    {
        if (value.TryGetValue(out number)) return true;
        if (value.TryGetValue<long>(out var whole)) number = whole;
        else if (value.TryGetValue<int>(out var small)) number = small;
        else return false;
        return true;
    }

    public static bool? Flag(this JsonNode? node, string name) =>
        node is JsonObject obj && obj[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static JsonObject Metadata(this JsonObject obj) => obj.Member("metadata");

    /// <summary>The member as an object; made when absent or something else.</summary>
    public static JsonObject Member(this JsonObject obj, string name)
    {
        if (obj[name] is JsonObject member) return member;
        var made = new JsonObject();
        obj[name] = made;
        return made;
    }

    public static string Name(this JsonObject obj) => obj.Object("metadata").Text("name") ?? "";

    public static string Namespace(this JsonObject obj) => obj.Object("metadata").Text("namespace") ?? "";

    /// <summary>Sets a member when it is absent or null.</summary>
    public static void Default(this JsonObject obj, string name, JsonNode value)
    {
        if (obj[name] is null) obj[name] = value;
    }

    public static IEnumerable<JsonObject> Objects(this JsonArray? array) => array is null ? [] : array.OfType<JsonObject>();

    public static IEnumerable<string> Texts(this JsonArray? array)
    {
        foreach (var item in array ?? [])
        {
            if (item is JsonValue value && value.TryGetValue<string>(out var text)) yield return text;
        }
    }

    public static JsonObject Copy(this JsonObject obj) => (JsonObject)obj.DeepClone();

    /// <summary>Equal as JSON values, whatever the order of members; absent and null are the same.</summary>
    public static bool Same(JsonNode? a, JsonNode? b) => JsonNode.DeepEquals(a, b);

    public static bool IsText([NotNullWhen(true)] this JsonNode? node) => node?.GetValueKind() == JsonValueKind.String;

    public static JsonArray ToJsonArray(this IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)JsonValue.Create(t))]);

    public static JsonArray ToArrayNode(this IEnumerable<JsonNode> nodes) => new([.. nodes]);
}
