using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Castellan.KubeApi;

namespace Castellan.KubeClient.Transport;

/// <summary>Reads a watch: one JSON object per line.</summary>
internal static class WatchLines
{
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(Stream stream, Uri server, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        var reader = PipeReader.Create(stream);
        try
        {
            while (true)
            {
                var read = await NextAsync(reader, server, ct);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    if (!line.IsEmpty) yield return Parse<T>(line);
                }
                if (read.IsCompleted) yield break;
                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static async ValueTask<ReadResult> NextAsync(PipeReader reader, Uri server, CancellationToken ct)
    {
        try
        {
            return await reader.ReadAsync(ct);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new KubeUnreachableException(server, $"the watch broke off: {e.Message}", e);
        }
    }

    private static WatchEvent<T> Parse<T>(ReadOnlySequence<byte> line) where T : class
    {
        var json = new Utf8JsonReader(line);
        var envelope = JsonSerializer.Deserialize<Envelope>(ref json, KubeJson.Options)!;
        if (envelope.Type == "ERROR")
            throw new KubeException(envelope.Object.Deserialize<KubeStatus>(KubeJson.Options)!);
        if (envelope.Type == "BOOKMARK") return new(WatchEventType.Bookmark, Bookmark<T>(envelope.Object));
        var type = envelope.Type switch
        {
            "ADDED" => WatchEventType.Added,
            "MODIFIED" => WatchEventType.Modified,
            "DELETED" => WatchEventType.Deleted,
            _ => throw new JsonException($"unknown watch event '{envelope.Type}'"),
        };
        return new(type, envelope.Object.Deserialize<T>(KubeJson.Options)!);
    }

    /// <summary>A bookmark carries only a version; kinds with required members could not be read from it.</summary>
    private static T Bookmark<T>(JsonElement sent) where T : class
    {
        if (typeof(T) == typeof(System.Text.Json.Nodes.JsonObject)) return sent.Deserialize<T>(KubeJson.Options)!;
        var bookmark = (KubeObject)RuntimeHelpers.GetUninitializedObject(typeof(T));
        bookmark.Metadata = sent.GetProperty("metadata").Deserialize<ObjectMeta>(KubeJson.Options)!;
        return (T)(object)bookmark;
    }

    private sealed record Envelope(string Type, JsonElement Object);
}
