using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Castellan.Rpc.Wire;
using Google.Protobuf;

namespace Castellan.Rpc;

/// <summary>Calls gRPC methods over HTTP/2. Safe to use from many threads.</summary>
/// <remarks>
/// Connections, TLS and reconnecting are the handler's: give a <see cref="SocketsHttpHandler"/> configured for mTLS, or use
/// <see cref="ForUnixSocket"/>. There are no retries here; the caller knows which calls may be repeated.
/// </remarks>
public sealed class GrpcChannel : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly bool _ownsInvoker;
    private readonly GrpcChannelOptions _options;

    /// <summary>A channel over an invoker that the caller keeps and disposes.</summary>
    public GrpcChannel(HttpMessageInvoker invoker, Uri address, GrpcChannelOptions? options = null)
    {
        _invoker = invoker;
        _options = options ?? new();
        Address = address;
    }

    /// <summary>A channel over a handler, which it disposes with itself when <paramref name="disposeHandler"/> is set.</summary>
    public GrpcChannel(HttpMessageHandler handler, Uri address, GrpcChannelOptions? options = null, bool disposeHandler = true)
        : this(new HttpMessageInvoker(handler, disposeHandler), address, options) => _ownsInvoker = true;

    /// <summary>Where the calls go, for example <c>https://127.0.0.1:8443</c>.</summary>
    public Uri Address { get; }

    /// <summary>A plaintext channel over a unix socket.</summary>
    /// <param name="path">Absolute path of the socket.</param>
    /// <param name="options">Metadata and limits; null takes the defaults.</param>
    public static GrpcChannel ForUnixSocket(string path, GrpcChannelOptions? options = null)
    {
        // No keep-alive pings: grpc-go ends a quiet stream with ENHANCE_YOUR_CALM when they come.
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new(handler, new Uri("http://localhost"), options);
    }

    /// <summary>Calls a method with one request and one response.</summary>
    /// <exception cref="RpcException">Any status but OK; Unavailable when the server cannot be reached.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions? options = null, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        using var reader = Open(method, request, options, ct);
        var response = await reader.NextAsync().ConfigureAwait(false)
            ?? throw new RpcException(StatusCode.Internal, $"{method.Path} answered OK without a message; the server broke the protocol");
        return await reader.NextAsync().ConfigureAwait(false) is null
            ? response
            : throw new RpcException(StatusCode.Internal, $"{method.Path} answered more than one message; it is not unary");
    }

    /// <summary>Calls a method that answers a stream. Leaving the enumeration early resets the stream.</summary>
    /// <exception cref="RpcException">Thrown by the enumerator: any status but OK, after the messages that came before it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async IAsyncEnumerable<TResponse> ServerStreamingAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions? options = null, [EnumeratorCancellation] CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        using var reader = Open(method, request, options, ct);
        while (await reader.NextAsync().ConfigureAwait(false) is { } message)
        {
            yield return message;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_ownsInvoker)
        {
            _invoker.Dispose();
        }
    }

    private GrpcResponseReader<TRequest, TResponse> Open<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions? options, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var http = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, method.Path))
        {
            Content = new GrpcContent(request),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        http.Headers.TE.Add(new("trailers"));
        foreach (var (key, value) in _options.Metadata.Concat(options?.Metadata ?? []))
        {
            http.Headers.TryAddWithoutValidation(key, value);
        }

        if (options?.Timeout is { } timeout)
        {
            http.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Format(timeout));
        }

        var deadline = new GrpcDeadline(options?.Timeout, _options.TimeProvider, ct);
        return new(_invoker, http, method.ResponseParser, _options.MaxReceiveBytes, deadline);
    }
}
