using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.ManagedFields;

/// <summary>The elements of field paths.</summary>
internal static class FieldPath
{
    public static string Field(string name) => "f:" + name;

    /// <summary>An item of a set, by its value.</summary>
    public static string Value(JsonNode? item) => "v:" + (item?.ToJsonString(JsonObjects.Compact) ?? "null");

    /// <summary>An item of a keyed list, by its keys in alphabetical order; an absent key has its default.</summary>
    public static string Key(JsonObject item, SchemaNode list)
    {
        var keys = new JsonObject();
        foreach (var name in list.MapKeys.Order(StringComparer.Ordinal))
        {
            if ((item[name] ?? list.Items?.Member(name)?.Default) is { } value) keys[name] = value.DeepClone();
        }
        return "k:" + keys.ToJsonString(JsonObjects.Compact);
    }

    /// <summary>The element of a list item, as the list's schema tells items apart.</summary>
    public static string Item(JsonNode? item, SchemaNode list) =>
        list.Merge == MergeKind.Map && item is JsonObject obj ? Key(obj, list) : Value(item);

    /// <summary>As messages show it: <c>.spec</c>, <c>[name="a"]</c>, <c>[="x"]</c>.</summary>
    public static string Show(string element)
    {
        var rest = element[2..];
        return element[0] switch
        {
            'f' => "." + rest,
            'v' => $"[={rest}]",
            _ => $"[{string.Join(",", JsonNode.Parse(rest)!.AsObject().Select(k => $"{k.Key}={k.Value?.ToJsonString(JsonObjects.Compact)}"))}]",
        };
    }
}
