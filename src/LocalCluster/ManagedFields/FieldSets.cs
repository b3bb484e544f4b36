using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.ManagedFields;

/// <summary>Finds field sets in objects: what an object states, and what two objects differ in.</summary>
internal static class FieldSets
{
    /// <summary>The fields that a value states.</summary>
    public static void Collect(JsonNode? node, SchemaNode schema, FieldSet into)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } obj when schema.Merge != MergeKind.Atomic:
                foreach (var (name, value) in obj)
                {
                    var child = into.Child(FieldPath.Field(name));
                    Collect(value, Member(schema, name), child);
                    if (!schema.Properties.ContainsKey(name)) child.AddSelf();
                }
                break;
            case JsonArray { Count: > 0 } array when schema.Merge is MergeKind.Map or MergeKind.Set:
                foreach (var item in array)
                {
                    var child = into.Child(FieldPath.Item(item, schema));
                    if (schema.Merge == MergeKind.Map) Collect(item, schema.Items ?? SchemaNode.Anything, child);
                    child.AddSelf();
                }
                break;
            default:
                into.AddSelf();
                break;
        }
    }

    /// <summary>What came or changed, and what went, from one object to the next.</summary>
    public static void Compare(JsonNode? old, JsonNode? next, SchemaNode schema, FieldSet changed, FieldSet removed)
    {
        if (JsonObjects.Same(old, next)) return;
        if (old is null)
        {
            Collect(next, schema, changed);
            return;
        }
        if (next is null)
        {
            Collect(old, schema, removed);
            removed.AddSelf();
            return;
        }
        switch (old, next)
        {
            case (JsonObject before, JsonObject after) when schema.Merge != MergeKind.Atomic:
                CompareMembers(before, after, schema, changed, removed);
                break;
            case (JsonArray before, JsonArray after) when schema.Merge is MergeKind.Map or MergeKind.Set:
                CompareItems(before, after, schema, changed, removed);
                break;
            default:
                changed.AddSelf();
                break;
        }
    }

    public static SchemaNode Member(SchemaNode schema, string name) => schema.Member(name) ?? SchemaNode.Anything;

    private static void CompareMembers(JsonObject before, JsonObject after, SchemaNode schema, FieldSet changed, FieldSet removed)
    {
        foreach (var name in before.Select(p => p.Key).Union(after.Select(p => p.Key)))
        {
            var element = FieldPath.Field(name);
            Compare(before[name], after[name], Member(schema, name), changed.Child(element), removed.Child(element));
            Trim(changed, element);
            Trim(removed, element);
        }
    }

    private static void CompareItems(JsonArray before, JsonArray after, SchemaNode schema, FieldSet changed, FieldSet removed)
    {
        var (old, next) = (ByElement(before, schema), ByElement(after, schema));
        foreach (var element in old.Keys.Union(next.Keys).ToList())
        {
            var (was, now) = (old.GetValueOrDefault(element), next.GetValueOrDefault(element));
            if (schema.Merge == MergeKind.Set)
            {
                if (was is null) changed.Child(element).AddSelf();
                if (now is null) removed.Child(element).AddSelf();
                continue;
            }
            Compare(was, now, schema.Items ?? SchemaNode.Anything, changed.Child(element), removed.Child(element));
            if (was is null) changed.Child(element).AddSelf();
            Trim(changed, element);
            Trim(removed, element);
        }
    }

    private static Dictionary<string, JsonNode?> ByElement(JsonArray array, SchemaNode schema)
    {
        var found = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in array) found[FieldPath.Item(item, schema)] = item;
        return found;
    }

    private static void Trim(FieldSet set, string element)
    {
        if (set.Children[element].IsEmpty) set.Children.Remove(element);
    }
}
