using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>
/// Passes an event stream through, unless its first event is already the answer: then only that event's data is sent, as
/// <c>application/json</c>. Saves the client an event-stream parser and the wire its framing on the common path.
/// </summary>
internal sealed class EventStreamOrJson(Stream inner, HttpResponse response) : Stream
{
    private bool _decided, _json;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_decided) buffer = Decide(buffer);
        if (_json) buffer = TrimLineEnds(buffer);
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // The transport flushes before the first event; that would send the headers before we know the content type.
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _decided ? inner.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private ReadOnlyMemory<byte> Decide(ReadOnlyMemory<byte> buffer)
    {
        _decided = true;
        var start = buffer.Span.IndexOf("data: "u8);
        if (start < 0 || response.HasStarted || !IsAnswer(buffer.Span[(start + 6)..])) return buffer;
        _json = true;
        response.ContentType = "application/json";
        response.Headers.Remove("X-Accel-Buffering");
        return buffer[(start + 6)..];
    }

    private static bool IsAnswer(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        return reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.PropertyName
            && (reader.ValueTextEquals("result"u8) || reader.ValueTextEquals("error"u8));
    }

    private static ReadOnlyMemory<byte> TrimLineEnds(ReadOnlyMemory<byte> buffer)
    {
        while (buffer.Length > 0 && buffer.Span[^1] == (byte)'\n') buffer = buffer[..^1];
        return buffer;
    }
}
