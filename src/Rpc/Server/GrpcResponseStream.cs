using Castellan.Rpc.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Castellan.Rpc;

/// <summary>Where a server-streaming method writes its messages; one writer at a time.</summary>
/// <typeparam name="TResponse">Response message.</typeparam>
public sealed class GrpcResponseStream<TResponse> where TResponse : class, IMessage<TResponse>
{
    private readonly HttpResponse _response;
    private readonly CancellationToken _cancellation;

    internal GrpcResponseStream(HttpResponse response, CancellationToken cancellation)
    {
        _response = response;
        _cancellation = cancellation;
    }

    /// <summary>Sends the response headers now, so that the caller knows the stream stands before the first message.</summary>
    public async Task StartAsync()
    {
        if (!_response.HasStarted)
        {
            await _response.StartAsync(_cancellation).ConfigureAwait(false);
            await _response.BodyWriter.FlushAsync(_cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends one message; completes when the connection took it, so a slow reader slows the writer.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone, the deadline passed or the server stops.</exception>
    public async Task WriteAsync(TResponse message)
    {
        GrpcFrame.Write(_response.BodyWriter, message);
        var flush = await _response.BodyWriter.FlushAsync(_cancellation).ConfigureAwait(false);
        if (flush.IsCompleted)
        {
            throw new OperationCanceledException("the caller has gone");
        }
    }
}
