using Castellan.Rpc.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Castellan.Rpc;

/// <summary>Where a method with a stream of requests reads them; one reader at a time.</summary>
/// <typeparam name="TRequest">Request message.</typeparam>
public sealed class GrpcRequestStream<TRequest> where TRequest : class, IMessage<TRequest>
{
    private readonly HttpRequest _request;
    private readonly MessageParser<TRequest> _parser;
    private readonly int _maxBytes;

    internal GrpcRequestStream(HttpRequest request, MessageParser<TRequest> parser, int maxBytes) =>
        (_request, _parser, _maxBytes) = (request, parser, maxBytes);

    /// <summary>The next message; null when the caller has sent its last.</summary>
    /// <exception cref="RpcException">The message is too long, compressed, truncated or malformed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<TRequest?> NextAsync(CancellationToken ct) => await GrpcFrame.ReadAsync(_request.BodyReader, _parser, _maxBytes, ct).ConfigureAwait(false);
}
