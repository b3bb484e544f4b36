using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Store;

/// <summary>
/// An object ready to be written, all but its resourceVersion, which only the commit knows: the JSON is made outside the
/// writer and the revision is spliced in.
/// </summary>
internal sealed class ObjectDraft
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] head;
    private readonly byte[] tail;

    private ObjectDraft(byte[] head, byte[] tail) => (this.head, this.tail) = (head, tail);

    /// <summary>Writes apiVersion, kind and metadata first; a resourceVersion in the object is left out.</summary>
    public static ObjectDraft Of(JsonObject obj)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write("{"u8);
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (obj[name] is not { } value) continue;
            buffer.Write(Encoding.UTF8.GetBytes($"\"{name}\":"));
            WriteNode(buffer, value);
            buffer.Write(","u8);
        }
        buffer.Write("\"metadata\":{\"resourceVersion\":\""u8);
        var head = buffer.WrittenSpan.ToArray();
        buffer.ResetWrittenCount();
        buffer.Write("\""u8);
        WriteMembers(buffer, obj["metadata"] as JsonObject ?? [], static name => name is "resourceVersion");
        buffer.Write("}"u8);
        WriteMembers(buffer, obj, static name => name is "apiVersion" or "kind" or "metadata");
        buffer.Write("}"u8);
        return new ObjectDraft(head, buffer.WrittenSpan.ToArray());
    }

    /// <summary>The whole JSON with a revision.</summary>
    public byte[] Complete(long revision)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var length);
        return [.. head, .. digits[..length], .. tail];
    }

    private static void WriteMembers(ArrayBufferWriter<byte> buffer, JsonObject obj, Func<string, bool> except)
    {
        foreach (var (name, value) in obj)
        {
            if (except(name)) continue;
            buffer.Write(","u8);
            buffer.Write(JsonSerializer.SerializeToUtf8Bytes(name));
            buffer.Write(":"u8);
            WriteNode(buffer, value);
        }
    }

    private static void WriteNode(ArrayBufferWriter<byte> buffer, JsonNode? value)
    {
        if (value is null)
        {
            buffer.Write("null"u8);
            return;
        }
        using var writer = new Utf8JsonWriter(buffer, Options);
        value.WriteTo(writer);
    }
}
