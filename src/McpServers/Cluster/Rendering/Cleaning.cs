using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>What of an object leaves this server: without bookkeeping, and never with the data of a Secret.</summary>
internal static class Cleaning
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static JsonObject Clean(JsonObject item)
    {
        var clean = item.DeepClone().AsObject();
        if (clean["metadata"] is JsonObject metadata)
        {
            metadata.Remove("managedFields");
            metadata.Remove("selfLink");
            // A second copy of the whole object; of a Secret, with its data.
            if (metadata["annotations"] is JsonObject annotations && annotations.Remove(LastApplied) && annotations.Count == 0) metadata.Remove("annotations");
        }
        if (IsSecret(clean)) Redact(clean);
        return clean;
    }

    public static bool IsSecret(JsonObject item) => Fields.Text(item, "kind") == "Secret" && Fields.Text(item, "apiVersion") is "v1" or null;

    private static void Redact(JsonObject secret)
    {
        foreach (var part in new[] { "data", "stringData" })
        {
            if (secret[part] is not JsonObject values) continue;
            foreach (var key in values.Select(v => v.Key).ToList())
            {
                var text = values[key]?.ToString() ?? "";
                var size = part == "data" ? Convert.TryFromBase64String(text, new byte[text.Length], out var decoded) ? decoded : 0 : Encoding.UTF8.GetByteCount(text);
                values[key] = $"(withheld, {size} bytes)";
            }
        }
    }
}
