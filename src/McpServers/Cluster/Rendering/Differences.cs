using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>What differs between two states of an object, a line per field.</summary>
internal static class Differences
{
    private static readonly HashSet<string> Bookkeeping = new(StringComparer.Ordinal) { "metadata.resourceVersion", "metadata.generation", "metadata.uid", "metadata.creationTimestamp" };

    public static IEnumerable<string> Between(JsonNode? before, JsonNode? after, string path = "")
    {
        if (JsonNode.DeepEquals(before, after) || Bookkeeping.Contains(path)) yield break;
        if (before is JsonObject left && after is JsonObject right)
        {
            foreach (var name in left.Select(p => p.Key).Union(right.Select(p => p.Key)))
            {
                foreach (var line in Between(left[name], right[name], path.Length == 0 ? name : $"{path}.{name}")) yield return line;
            }
        }
        else if (before is JsonArray from && after is JsonArray to && from.Count == to.Count)
        {
            for (var i = 0; i < from.Count; i++)
            {
                foreach (var line in Between(from[i], to[i], $"{path}[{i}]")) yield return line;
            }
        }
        else
        {
            yield return $"{path}: {Shown(before)} → {Shown(after)}";
        }
    }

    private static string Shown(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "absent";
        return text.Length > 200 ? text[..200] + "…" : text;
    }
}
