using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.ManagedFields;

/// <summary>Keeps metadata.managedFields: which manager last set which field.</summary>
internal static class ManagedFieldsRecorder
{
    private static readonly string[] ServerFields =
        ["name", "namespace", "generateName", "selfLink", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields"];

    /// <summary>Gives the fields that a write changed to its manager and takes them from the others.</summary>
    public static void RecordWrite(ResourceDefinition resource, JsonObject next, JsonObject? old, WriteOptions options, string now)
    {
        var entries = ManagerEntries.Read(options.Apply is null ? KeepOrDrop(next, old) : old ?? []);
        var (changed, removed) = (new FieldSet(), new FieldSet());
        FieldSets.Compare(Owned(old ?? []), Owned(next), resource.Schema, changed, removed);
        if (options.Apply is { } applied)
        {
            RecordApply(resource, entries, applied, options, (changed, removed), now);
        }
        else
        {
            RecordUpdate(resource, entries, options, changed, removed, now);
        }
        entries.Write(next);
    }

    /// <summary>The fields that a configuration states, for its manager.</summary>
    public static FieldSet FieldsOf(ResourceDefinition resource, JsonObject config, string subresource)
    {
        var owned = Owned(config);
        if (subresource == "status")
        {
            foreach (var name in owned.Select(p => p.Key).Where(n => n != "status").ToList()) owned.Remove(name);
        }
        else if (resource.HasStatus)
        {
            owned.Remove("status");
        }
        var fields = new FieldSet();
        if (owned.Count > 0) FieldSets.Collect(owned, resource.Schema, fields);
        return fields;
    }

    private static void RecordApply(
        ResourceDefinition resource, ManagerEntries entries, JsonObject applied, WriteOptions options, (FieldSet Changed, FieldSet Removed) difference, string now)
    {
        var mine = entries.Find(options.FieldManager, "Apply", resource.ApiVersion, options.Subresource);
        var fields = FieldsOf(resource, applied, options.Subresource);
        foreach (var other in entries.All.Where(e => !ReferenceEquals(e, mine)))
        {
            // what the apply states and changed is no longer the other's; what it states alike is shared
            var taken = new FieldSet();
            taken.UnionWith(difference.Changed);
            other.Fields.ExceptWith(taken);
            other.Fields.ExceptWithBelow(difference.Removed);
        }
        if (!mine.Fields.Same(fields) || mine.Time.Length == 0) mine.Time = now;
        mine.Fields = fields;
    }

    private static void RecordUpdate(ResourceDefinition resource, ManagerEntries entries, WriteOptions options, FieldSet changed, FieldSet removed, string now)
    {
        foreach (var entry in entries.All)
        {
            entry.Fields.ExceptWith(changed);
            entry.Fields.ExceptWithBelow(removed);
        }
        if (changed.IsEmpty) return;
        var mine = entries.Find(options.FieldManager, "Update", resource.ApiVersion, options.Subresource);
        mine.Fields.UnionWith(changed);
        mine.Time = now;
    }

    /// <summary>A client may drop all entries by sending an empty list; it may not write its own.</summary>
    private static JsonObject KeepOrDrop(JsonObject next, JsonObject? old) =>
        old is null || next.Object("metadata").Array("managedFields") is { Count: 0 } ? [] : old;

    private static JsonObject Owned(JsonObject obj)
    {
        var copy = obj.Copy();
        copy.Remove("apiVersion");
        copy.Remove("kind");
        if (copy.Object("metadata") is not { } metadata) return copy;
        foreach (var name in ServerFields) metadata.Remove(name);
        if (metadata.Count == 0) copy.Remove("metadata");
        return copy;
    }
}
