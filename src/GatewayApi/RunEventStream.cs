using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Castellan.GatewayApi;

/// <summary>Run events as server-sent events: one event per message, its sequence as the id, its JSON as the data.</summary>
/// <remarks>Source: WHATWG HTML, section 9.2 (server-sent events).</remarks>
public static class RunEventStream
{
    /// <summary>Reads events until the run ended or the stream closes.</summary>
    /// <exception cref="GatewayException">An event cannot be read.</exception>
    public static async IAsyncEnumerable<RunEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken ct)
    {
        var parser = SseParser.Create(stream, (_, data) => Parse(data));
        await foreach (var item in parser.EnumerateAsync(ct).ConfigureAwait(false))
        {
            yield return item.Data;
            if (item.Data.Type == RunEventType.RunCompleted)
            {
                yield break;
            }
        }
    }

    /// <summary>Writes one event as a complete server-sent message.</summary>
    public static byte[] Write(RunEvent item) =>
        Encoding.UTF8.GetBytes($"id: {item.Sequence}\nevent: {item.Type}\ndata: {JsonSerializer.Serialize(item, GatewayJson.Options)}\n\n");

    private static RunEvent Parse(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(data, GatewayJson.Options) ?? throw new JsonException("the event is null");
        }
        catch (JsonException e)
        {
            throw new GatewayException(new GatewayProblem(0, "Unreadable", $"a run event cannot be read: {e.Message}",
                "use the same version of client and gateway"), e);
        }
    }
}
