using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.ManagedFields;

/// <summary>Merges what a manager applies into the current object: its fields are set, those it no longer states go, others stay.</summary>
/// <remarks>Source: Kubernetes documentation, "Server-Side Apply"; sigs.k8s.io/structured-merge-diff merge.Updater.</remarks>
internal static class ServerSideApply
{
    /// <exception cref="ApiException">Another manager owns a field with another value, and force is not set.</exception>
    public static JsonObject Merge(ResourceDefinition resource, JsonObject current, JsonObject applied, WriteOptions options)
    {
        var entries = ManagerEntries.Read(current);
        var mine = entries.Find(options.FieldManager, "Apply", resource.ApiVersion, options.Subresource);
        var others = entries.All.Where(e => !ReferenceEquals(e, mine)).ToList();
        var stated = ManagedFieldsRecorder.FieldsOf(resource, applied, options.Subresource);
        var before = current.Copy();
        MergeObject(current, Stated(applied), resource.Schema);
        RemoveDropped(resource, current, mine.Fields, stated, others);
        if (!options.Force) RequireNoConflict(resource, before, current, others);
        return current;
    }

    /// <summary>What a configuration may say about metadata: all but what the server owns.</summary>
    private static JsonObject Stated(JsonObject applied)
    {
        var stated = applied.Copy();
        if (stated.Object("metadata") is { } metadata)
        {
            metadata.Remove("managedFields");
            metadata.Remove("creationTimestamp");
        }
        return stated;
    }

    private static void MergeObject(JsonObject target, JsonObject applied, SchemaNode schema)
    {
        foreach (var (name, value) in applied)
        {
            var member = FieldSets.Member(schema, name);
            switch (target[name], value)
            {
                case (JsonObject present, JsonObject wanted) when member.Merge != MergeKind.Atomic:
                    MergeObject(present, wanted, member);
                    break;
                case (JsonArray present, JsonArray wanted) when member.Merge is MergeKind.Map or MergeKind.Set:
                    MergeItems(present, wanted, member);
                    break;
                default:
                    target[name] = value?.DeepClone();
                    break;
            }
        }
    }

    private static void MergeItems(JsonArray target, JsonArray applied, SchemaNode schema)
    {
        foreach (var item in applied)
        {
            var element = FieldPath.Item(item, schema);
            var present = target.FirstOrDefault(t => FieldPath.Item(t, schema) == element);
            if (present is null) target.Add(item?.DeepClone());
            else if (present is JsonObject obj && item is JsonObject wanted && schema.Merge == MergeKind.Map) MergeObject(obj, wanted, schema.Items ?? SchemaNode.Anything);
        }
    }

    private static void RemoveDropped(ResourceDefinition resource, JsonObject current, FieldSet last, FieldSet stated, List<ManagerEntries.Entry> others)
    {
        var dropped = new FieldSet();
        dropped.UnionWith(last);
        dropped.ExceptWith(stated);
        foreach (var other in others) dropped.ExceptWith(other.Fields);
        if (dropped.IsEmpty) return;
        var kept = new FieldSet();
        kept.UnionWith(stated);
        foreach (var other in others) kept.UnionWith(other.Fields);
        Remove(current, dropped, kept, resource.Schema);
    }

    private static void Remove(JsonNode? node, FieldSet dropped, FieldSet kept, SchemaNode schema)
    {
        foreach (var (element, below) in dropped.Children)
        {
            var keptBelow = kept.Children.GetValueOrDefault(element);
            if (node is JsonObject obj && element.StartsWith("f:", StringComparison.Ordinal))
            {
                var name = element[2..];
                if (!obj.ContainsKey(name)) continue;
                if (below.IsMember && keptBelow is null or { IsEmpty: true })
                {
                    obj.Remove(name);
                    continue;
                }
                Remove(obj[name], below, keptBelow ?? new FieldSet(), FieldSets.Member(schema, name));
                if (keptBelow is null or { IsEmpty: true } && obj[name] is JsonObject { Count: 0 } or JsonArray { Count: 0 }) obj.Remove(name);
            }
            else if (node is JsonArray array)
            {
                var item = array.FirstOrDefault(i => FieldPath.Item(i, schema) == element);
                if (item is null) continue;
                if (below.IsMember && keptBelow is null or { IsEmpty: true }) array.Remove(item);
                else Remove(item, below, keptBelow ?? new FieldSet(), schema.Items ?? SchemaNode.Anything);
            }
        }
    }

    private static void RequireNoConflict(ResourceDefinition resource, JsonObject before, JsonObject after, List<ManagerEntries.Entry> others)
    {
        var (changed, removed) = (new FieldSet(), new FieldSet());
        FieldSets.Compare(before, after, resource.Schema, changed, removed);
        var conflicts = others.SelectMany(o => changed.SharedPaths(o.Fields).Select(path => (Manager: o.Shown, Path: path)))
            .OrderBy(c => c.Manager, StringComparer.Ordinal).ThenBy(c => c.Path, StringComparer.Ordinal).ToList();
        if (conflicts.Count == 0) return;
        var message = conflicts.Count == 1
            ? $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager}: {conflicts[0].Path}"
            : $"Apply failed with {conflicts.Count} conflicts: " + string.Join("\n", conflicts.GroupBy(c => c.Manager)
                .SelectMany(g => g.Select(c => $"- {c.Path}").Prepend($"conflicts with {g.Key}:")));
        throw new ApiException(409, "Conflict", message)
        {
            Details = new JsonObject
            {
                ["causes"] = conflicts.Select(c => (JsonNode)new JsonObject
                {
                    ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {c.Manager}", ["field"] = c.Path,
                }).ToArrayNode(),
            },
        };
    }
}
