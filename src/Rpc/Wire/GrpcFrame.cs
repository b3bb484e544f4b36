using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;

namespace Castellan.Rpc.Wire;

/// <summary>Length-prefixed messages: one flag byte, four length bytes (big endian), the message.</summary>
/// <remarks>Source: gRPC over HTTP/2, "Length-Prefixed-Message".</remarks>
internal static class GrpcFrame
{
    public const int HeaderBytes = 5;

    public static void Write(IBufferWriter<byte> writer, IMessage message)
    {
        var header = writer.GetSpan(HeaderBytes);
        header[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)message.CalculateSize());
        writer.Advance(HeaderBytes);
        message.WriteTo(writer);
    }

    /// <summary>Reads one message; null at a clean end of the stream.</summary>
    /// <exception cref="RpcException">Too long (seen before its bytes are buffered), compressed, truncated or malformed.</exception>
    public static async ValueTask<T?> ReadAsync<T>(PipeReader reader, MessageParser<T> parser, int maxBytes, CancellationToken ct)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var read = await ReadAsync(reader, ct).ConfigureAwait(false);
            var buffer = read.Buffer;
            if (TryLength(buffer, maxBytes, out var length) && buffer.Length >= HeaderBytes + (long)length)
            {
                var message = Parse(parser, buffer.Slice(HeaderBytes, length));
                reader.AdvanceTo(buffer.GetPosition(HeaderBytes + (long)length));
                return message;
            }

            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw new RpcException(StatusCode.Internal, "the stream ended inside a message; send whole messages");
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    // Kestrel says "the client reset the request stream" as a plain IOException, which nobody could tell from one of the handler's own.
    private static async ValueTask<ReadResult> ReadAsync(PipeReader reader, CancellationToken ct)
    {
        try
        {
            return await reader.ReadAsync(ct).ConfigureAwait(false);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            throw new ConnectionResetException(e.Message, e);
        }
    }

    private static bool TryLength(ReadOnlySequence<byte> buffer, int maxBytes, out int length)
    {
        length = 0;
        if (buffer.Length < HeaderBytes)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        if (header[0] != 0)
        {
            throw header[0] == 1
                ? new RpcException(StatusCode.Unimplemented, "compressed messages are not supported; send identity encoding")
                : new RpcException(StatusCode.Internal, $"compressed flag is {header[0]}; 0 and 1 are defined");
        }

        var announced = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (announced > maxBytes)
        {
            throw new RpcException(StatusCode.ResourceExhausted, $"message of {announced} bytes is over the limit of {maxBytes}; send less in one message");
        }

        length = (int)announced;
        return true;
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> bytes) where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidOperationException) // the parser's word for a wrapper cut off inside a field
        {
            throw new RpcException(StatusCode.Internal, "malformed protobuf message; check both sides' .proto files", e);
        }
    }
}
