using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Patching;

/// <summary>A JSON patch.</summary>
/// <remarks>Source: RFC 6902; pointers: RFC 6901.</remarks>
internal sealed class JsonPatch(JsonArray operations) : ObjectPatch
{
    private const int MaxOperations = 10_000;

    public override JsonObject Apply(JsonObject current)
    {
        if (operations.Count > MaxOperations)
        {
            throw new ApiException(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}");
        }
        JsonNode root = current;
        foreach (var operation in operations) root = ApplyOne(root, operation);
        return root as JsonObject ?? throw Fault("the patched document is no object");
    }

    private static JsonNode ApplyOne(JsonNode root, JsonNode? operation)
    {
        var path = operation.Text("path") ?? throw ApiErrors.BadRequest("a JSON patch operation needs a path");
        switch (operation.Text("op"))
        {
            case "add":
                return Add(root, path, operation!["value"]?.DeepClone());
            case "replace":
                if (path.Length > 0) Remove(root, path, "replace");
                return Add(root, path, operation!["value"]?.DeepClone());
            case "remove":
                Remove(root, path, "remove");
                return root;
            case "copy":
                return Add(root, path, Find(root, From(operation), "copy")?.DeepClone());
            case "move":
                var moved = Find(root, From(operation), "move")?.DeepClone();
                Remove(root, From(operation), "move");
                return Add(root, path, moved);
            case "test":
                if (JsonObjects.Same(Find(root, path, "test"), operation!["value"])) return root;
                throw Fault($"testing value {path} failed: test failed");
            case var op:
                throw ApiErrors.BadRequest($"Unexpected kind: {op}");
        }
    }

    private static string From(JsonNode? operation) => operation.Text("from") ?? throw ApiErrors.BadRequest("a JSON patch operation of this kind needs 'from'");

    private static JsonNode? Find(JsonNode root, string path, string op)
    {
        JsonNode? node = root;
        foreach (var part in Split(path)) node = Step(node, part, op, path);
        return node;
    }

    private static JsonNode Add(JsonNode root, string path, JsonNode? value)
    {
        var parts = Split(path);
        if (parts.Length == 0) return value ?? throw Fault("the document cannot become null");
        switch (Parent(root, parts, "add", path))
        {
            case JsonObject obj:
                obj[parts[^1]] = value;
                break;
            case JsonArray array when parts[^1] == "-":
                array.Add(value);
                break;
            case JsonArray array:
                array.Insert(Index(parts[^1], array.Count, "add", path), value);
                break;
            default:
                throw Missing("add", path);
        }
        return root;
    }

    private static void Remove(JsonNode root, string path, string op)
    {
        var parts = Split(path);
        if (parts.Length == 0) throw Fault("the whole document cannot be removed");
        switch (Parent(root, parts, op, path))
        {
            case JsonObject obj when obj.Remove(parts[^1]):
                break;
            case JsonArray array:
                array.RemoveAt(Index(parts[^1], array.Count - 1, op, path));
                break;
            default:
                throw Missing(op, path);
        }
    }

    private static JsonNode? Parent(JsonNode root, string[] parts, string op, string path)
    {
        JsonNode? node = root;
        foreach (var part in parts[..^1]) node = Step(node, part, op, path);
        return node;
    }

    private static JsonNode? Step(JsonNode? node, string part, string op, string path) => node switch
    {
        JsonObject obj when obj.TryGetPropertyValue(part, out var member) => member,
        JsonArray array => array[Index(part, array.Count - 1, op, path)],
        _ => throw Missing(op, path),
    };

    private static int Index(string part, int highest, string op, string path) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= highest ? index : throw Missing(op, path);

    private static string[] Split(string pointer) => pointer.Length == 0 ? [] : pointer[0] != '/'
        ? throw ApiErrors.BadRequest($"\"{pointer}\" is no JSON pointer; it begins with '/'")
        : [.. pointer[1..].Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static ApiException Missing(string op, string path) =>
        Fault($"{op} operation does not apply: doc is missing path: {path}: missing value");

    private static ApiException Fault(string message) =>
        new(422, "Invalid", $"the server rejected our request due to an error in our request: {message}") { Details = [] };
}
