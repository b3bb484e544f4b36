using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>Writes the events that a client missed, after it named the last one it saw.</summary>
internal static class McpEventReplay
{
    public static async Task WriteAsync(ISseEventStreamReader reader, Stream body, JsonTypeInfo<JsonRpcMessage> type, CancellationToken ct)
    {
        Utf8JsonWriter? writer = null;
        try
        {
            await SseFormatter.WriteAsync(reader.ReadEventsAsync(ct)!, body, (item, buffer) =>
            {
                if (item.Data is null) return;
                if (writer is null) writer = new Utf8JsonWriter(buffer);
                else writer.Reset(buffer);
                JsonSerializer.Serialize(writer, item.Data, type);
            }, ct).ConfigureAwait(false);
        }
        finally
        {
            if (writer is not null) await writer.DisposeAsync().ConfigureAwait(false);
        }
    }
}
