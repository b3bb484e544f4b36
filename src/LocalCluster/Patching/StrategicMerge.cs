using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.Patching;

/// <summary>Merges a strategic merge patch into an object.</summary>
/// <remarks>
/// Source: Kubernetes, "Update API Objects in Place Using kubectl patch" and the design "Strategic Merge Patch":
/// $patch, $retainKeys, $deleteFromPrimitiveList and $setElementOrder.
/// </remarks>
internal static class StrategicMerge
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    public static void Merge(JsonObject target, JsonObject patch, SchemaNode schema)
    {
        switch (patch.Text(Directive))
        {
            case "replace":
                target.Clear();
                foreach (var (name, value) in patch.Where(p => p.Key != Directive)) target[name] = value?.DeepClone();
                return;
            case "delete":
                target.Clear();
                return;
        }
        if (patch.Array(RetainKeys) is { } retained)
        {
            var keep = retained.Texts().ToHashSet();
            foreach (var name in target.Select(p => p.Key).Where(n => !keep.Contains(n)).ToList()) target.Remove(name);
        }
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal)) DeletePrimitives(target, name[DeletePrefix.Length..], value as JsonArray);
        }
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$')) MergeMember(target, name, value, Child(schema, name));
        }
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(OrderPrefix, StringComparison.Ordinal) && value is JsonArray order)
            {
                Order(target, name[OrderPrefix.Length..], order, schema);
            }
        }
    }

    private static SchemaNode Child(SchemaNode schema, string name) =>
        schema.Properties.GetValueOrDefault(name) ?? schema.Values ?? SchemaNode.Anything;

    private static void MergeMember(JsonObject target, string name, JsonNode? value, SchemaNode schema)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject inner when inner.Text(Directive) == "delete":
                target.Remove(name);
                break;
            case JsonObject inner:
                Merge(target.Member(name), inner, schema);
                break;
            case JsonArray items when schema.PatchStrategy.Contains("merge"):
                if (target[name] is not JsonArray list) target[name] = list = [];
                MergeList(list, items, schema, name);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static void MergeList(JsonArray list, JsonArray items, SchemaNode schema, string name)
    {
        if (items.Objects().Any(i => i.Text(Directive) == "replace" && i.Count == 1))
        {
            list.Clear();
            foreach (var item in items.Objects().Where(i => i.Text(Directive) != "replace")) list.Add(item.DeepClone());
            return;
        }
        foreach (var item in items)
        {
            if (schema.PatchMergeKey is not { } key || item is not JsonObject obj)
            {
                if (!list.Any(present => JsonObjects.Same(present, item))) list.Add(item?.DeepClone());
                continue;
            }
            var value = obj[key] ?? throw ApiErrors.BadRequest($"map: {obj.ToJsonString()} does not contain declared merge key: {key}");
            var found = list.Objects().FirstOrDefault(p => JsonObjects.Same(p[key], value));
            if (obj.Text(Directive) == "delete")
            {
                if (found is not null) list.Remove(found);
            }
            else if (found is not null)
            {
                Merge(found, obj, schema.Items ?? SchemaNode.Anything);
            }
            else
            {
                var added = new JsonObject();
                Merge(added, obj, schema.Items ?? SchemaNode.Anything);
                list.Add(added);
            }
        }
    }

    private static void DeletePrimitives(JsonObject target, string name, JsonArray? values)
    {
        if (target[name] is not JsonArray list) return;
        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (values?.Any(v => JsonObjects.Same(v, list[i])) == true) list.RemoveAt(i);
        }
    }

    /// <summary>The named items take the order given; those the patch does not name keep their places behind their predecessors.</summary>
    private static void Order(JsonObject target, string name, JsonArray order, SchemaNode schema)
    {
        if (target[name] is not JsonArray list) return;
        var key = Child(schema, name).PatchMergeKey;
        var wanted = order.Select(o => key is null ? o : (o as JsonObject)?[key]).ToList();
        var items = list.ToList();
        list.Clear();
        var named = new Queue<JsonNode?>(items.Where(i => Place(i) >= 0).OrderBy(Place));
        foreach (var item in items) list.Add(Place(item) >= 0 ? named.Dequeue() : item);

        int Place(JsonNode? item)
        {
            var value = key is null ? item : (item as JsonObject)?[key];
            return wanted.FindIndex(w => JsonObjects.Same(w, value));
        }
    }
}
