using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.ManagedFields;

/// <summary>The entries of metadata.managedFields, read, changed and written back.</summary>
internal sealed class ManagerEntries
{
    private const int MaxUpdateEntries = 10;
    private readonly List<Entry> entries = [];

    public IEnumerable<Entry> All => entries;

    public static ManagerEntries Read(JsonObject obj)
    {
        var read = new ManagerEntries();
        foreach (var entry in obj.Object("metadata").Array("managedFields").Objects())
        {
            read.entries.Add(new Entry(entry.Text("manager") ?? "", entry.Text("operation") ?? "", entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? "")
            {
                Time = entry.Text("time") ?? "",
                Fields = FieldSet.Read(entry.Object("fieldsV1")),
            });
        }
        return read;
    }

    public Entry Find(string manager, string operation, string apiVersion, string subresource)
    {
        var found = entries.FirstOrDefault(e => e.Manager == manager && e.Operation == operation && e.Subresource == subresource
            && (operation == "Apply" || e.ApiVersion == apiVersion));
        if (found is not null) return found;
        found = new Entry(manager, operation, apiVersion, subresource);
        entries.Add(found);
        return found;
    }

    public void Write(JsonObject obj)
    {
        MergeOldest();
        var written = entries.Where(e => !e.Fields.IsEmpty).Select(e => (JsonNode)e.Write()).ToArrayNode();
        if (written.Count > 0) obj.Metadata()["managedFields"] = written;
        else obj.Metadata().Remove("managedFields");
    }

    /// <summary>As the real server does, so that an object touched by many tools does not grow without bound.</summary>
    private void MergeOldest()
    {
        var updates = entries.Where(e => e.Operation == "Update" && !e.Fields.IsEmpty).OrderBy(e => e.Time, StringComparer.Ordinal).ToList();
        if (updates.Count <= MaxUpdateEntries) return;
        var ancient = new Entry("ancient-changes", "Update", updates[0].ApiVersion, "") { Time = updates[0].Time };
        foreach (var old in updates[..(updates.Count - MaxUpdateEntries + 1)])
        {
            ancient.Fields.UnionWith(old.Fields);
            entries.Remove(old);
        }
        entries.Insert(0, ancient);
    }

    internal sealed record Entry(string Manager, string Operation, string ApiVersion, string Subresource)
    {
        public string Time { get; set; } = "";

        public FieldSet Fields { get; set; } = new();

        /// <summary>As conflicts name it.</summary>
        public string Shown => $"\"{Manager}\"" + (Subresource.Length > 0 ? $" with subresource \"{Subresource}\"" : "") + (Operation == "Update" ? $" using {ApiVersion}" : "");

        public JsonObject Write()
        {
            var entry = new JsonObject
            {
                ["manager"] = Manager, ["operation"] = Operation, ["apiVersion"] = ApiVersion, ["time"] = Time,
                ["fieldsType"] = "FieldsV1", ["fieldsV1"] = Fields.Write(),
            };
            if (Subresource.Length > 0) entry["subresource"] = Subresource;
            return entry;
        }
    }
}
