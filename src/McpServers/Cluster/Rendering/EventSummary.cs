using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>Events that say the same of the same object, as one line.</summary>
internal sealed record EventSummary(string Type, string Reason, string Object, string Namespace, string Message, long Count, DateTimeOffset? First, DateTimeOffset? Last)
{
    /// <summary>Newest first.</summary>
    public static IReadOnlyList<EventSummary> Merge(IEnumerable<JsonObject> events) =>
    [
        .. events.Select(Of)
            .GroupBy(e => (e.Type, e.Reason, e.Object, e.Namespace, e.Message))
            .Select(g => g.First() with { Count = g.Sum(e => e.Count), First = g.Min(e => e.First), Last = g.Max(e => e.Last) })
            .OrderByDescending(e => e.Last ?? DateTimeOffset.MinValue).ThenBy(e => e.Object, StringComparer.Ordinal),
    ];

    public string Line(DateTimeOffset now) =>
        $"{(Last is { } last ? Age.Of(now - last) + " ago" : "?")}{(Count > 1 ? $" ×{Count}" : "")} {Type} {Reason} {Object}: {Message}";

    public JsonObject ToJson(DateTimeOffset now) => new()
    {
        ["type"] = Type, ["reason"] = Reason, ["object"] = Object, ["namespace"] = Namespace, ["message"] = Message, ["count"] = Count,
        ["first"] = First?.ToString("yyyy-MM-ddTHH:mm:ssZ"), ["last"] = Last?.ToString("yyyy-MM-ddTHH:mm:ssZ"), ["age"] = Last is { } last ? Age.Of(now - last) : null,
    };

    private static EventSummary Of(JsonObject e)
    {
        var created = Fields.Time(e, "metadata", "creationTimestamp");
        var last = Fields.Time(e, "series", "lastObservedTime") ?? Fields.Time(e, "lastTimestamp") ?? Fields.Time(e, "eventTime") ?? created;
        return new(
            Fields.Text(e, "type") ?? "Normal", Fields.Text(e, "reason") ?? "", $"{Fields.Text(e, "involvedObject", "kind")}/{Fields.Text(e, "involvedObject", "name")}",
            Fields.Text(e, "metadata", "namespace") ?? "", (Fields.Text(e, "message") ?? "").Trim(),
            Fields.Number(e, "series", "count") ?? Fields.Number(e, "count") ?? 1, Fields.Time(e, "firstTimestamp") ?? created, last);
    }
}
