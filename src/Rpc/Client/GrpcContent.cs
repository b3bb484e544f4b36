using System.Buffers;
using System.Net;
using Castellan.Rpc.Wire;
using Google.Protobuf;

namespace Castellan.Rpc;

/// <summary>A request body of one message.</summary>
internal sealed class GrpcContent : HttpContent
{
    private readonly IMessage _message;

    public GrpcContent(IMessage message)
    {
        _message = message;
        Headers.ContentType = new(GrpcHeaders.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(_message.CalculateSize() + GrpcFrame.HeaderBytes);
        GrpcFrame.Write(buffer, _message);
        await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0; // gRPC requests carry no content-length
        return false;
    }
}
