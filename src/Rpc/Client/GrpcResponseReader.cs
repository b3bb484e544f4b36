using System.IO.Pipelines;
using Castellan.Rpc.Wire;
using Google.Protobuf;

namespace Castellan.Rpc;

/// <summary>One call as the client sees it: sends the request, then reads message after message.</summary>
internal sealed class GrpcResponseReader<TRequest, TResponse>(
    HttpMessageInvoker invoker, HttpRequestMessage request, MessageParser<TResponse> parser, int maxBytes, GrpcDeadline deadline)
    : IDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private HttpResponseMessage? _response;
    private PipeReader? _body;

    /// <summary>The next message, or null when the call ended with OK.</summary>
    public async Task<TResponse?> NextAsync()
    {
        try
        {
            if (_response is null && !await StartAsync().ConfigureAwait(false))
            {
                return null;
            }

            if (_body is not null && await GrpcFrame.ReadAsync(_body, parser, maxBytes, deadline.Token).ConfigureAwait(false) is { } message)
            {
                return message;
            }

            GrpcFailure.ThrowIfNotOk(_response!.TrailingHeaders);
            return null;
        }
        catch (Exception e)
        {
            throw GrpcFailure.From(e, deadline.Callers, deadline.Timeout);
        }
    }

    public void Dispose()
    {
        _response?.Dispose(); // resets a stream that has not ended, which tells the server
        request.Dispose();
        deadline.Dispose();
    }

    private async Task<bool> StartAsync()
    {
        _response = await invoker.SendAsync(request, deadline.Token).ConfigureAwait(false);
        GrpcFailure.ThrowIfHttpError(_response);
        if (_response.Headers.Contains(GrpcHeaders.Status))
        {
            GrpcFailure.ThrowIfNotOk(_response.Headers); // trailers-only
            return false;
        }

        if (!GrpcHeaders.IsGrpc(_response.Content.Headers.ContentType?.MediaType))
        {
            throw new RpcException(StatusCode.Unknown, $"content type '{_response.Content.Headers.ContentType}' is not gRPC; check the address");
        }

        _body = PipeReader.Create(await _response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false));
        return true;
    }
}
