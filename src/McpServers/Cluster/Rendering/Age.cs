using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>Spans of time as kubectl writes them: 45s, 7m, 3h, 12d.</summary>
internal static class Age
{
    public static string Of(JsonNode? item, DateTimeOffset now) => Fields.Time(item, "metadata", "creationTimestamp") is { } created ? Of(now - created) : "?";

    public static string Of(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalSeconds: < 120 } => $"{(int)span.TotalSeconds}s",
        { TotalMinutes: < 120 } => $"{(int)span.TotalMinutes}m",
        { TotalHours: < 48 } => $"{(int)span.TotalHours}h",
        _ => $"{(int)span.TotalDays}d",
    };
}
