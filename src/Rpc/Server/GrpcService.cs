using Castellan.Rpc.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Castellan.Rpc;

/// <summary>The methods of one gRPC service, ready to be mapped with <see cref="GrpcEndpoints.MapGrpc"/>.</summary>
/// <remarks>
/// Speaks gRPC over HTTP/2 with uncompressed protobuf messages: unary, server-streaming and duplex methods, deadlines, cancellation,
/// trailers-only errors. A method answers an error by throwing <see cref="RpcException"/>; any other exception is logged and
/// answered as Unknown without its text. Source: github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md.
/// </remarks>
/// <param name="name">Full service name with its protobuf package.</param>
/// <param name="options">Limits; null takes the defaults.</param>
public sealed class GrpcService(string name, GrpcServiceOptions? options = null)
{
    private readonly Dictionary<string, GrpcServerMethod> _methods = new(StringComparer.Ordinal);
    private readonly GrpcServiceOptions _options = options ?? new();
    private Func<GrpcServerCall, ValueTask>? _gate;

    /// <summary>Full service name.</summary>
    public string Name { get; } = name;

    /// <summary>Runs before a request message is read, for every method, known or not; it refuses by throwing <see cref="RpcException"/>.</summary>
    public GrpcService Gate(Func<GrpcServerCall, ValueTask> gate)
    {
        _gate = gate;
        return this;
    }

    /// <summary>Adds a method with one request and one response.</summary>
    public GrpcService Unary<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, Func<TRequest, GrpcServerCall, Task<TResponse>> body)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(method, isStream: false, async call =>
        {
            var request = await ReadOnlyMessageAsync(call, method.RequestParser).ConfigureAwait(false);
            var response = await body(request, call).ConfigureAwait(false);
            GrpcFrame.Write(call.HttpContext.Response.BodyWriter, response);
        });

    /// <summary>Adds a method with one request and a stream of responses; the stream ends when <paramref name="body"/> returns.</summary>
    public GrpcService ServerStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, Func<TRequest, GrpcResponseStream<TResponse>, GrpcServerCall, Task> body)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(method, isStream: true, async call =>
        {
            var request = await ReadOnlyMessageAsync(call, method.RequestParser).ConfigureAwait(false);
            var stream = new GrpcResponseStream<TResponse>(call.HttpContext.Response, call.Cancellation);
            await body(request, stream, call).ConfigureAwait(false);
        });

    /// <summary>Adds a method with a stream of requests and a stream of responses, each at its own pace; the call ends when <paramref name="body"/> returns.</summary>
    public GrpcService DuplexStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, Func<GrpcRequestStream<TRequest>, GrpcResponseStream<TResponse>, GrpcServerCall, Task> body)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(method, isStream: true, call => body(
            new(call.HttpContext.Request, method.RequestParser, _options.MaxReceiveBytes),
            new(call.HttpContext.Response, call.Cancellation),
            call));

    internal Task HandleAsync(HttpContext context)
    {
        if (!GrpcRequest.TryAccept(context))
        {
            return Task.CompletedTask;
        }

        var method = _methods.GetValueOrDefault(context.Request.Path.Value ?? "");
        return new GrpcExchange(context, _options, method, _gate).RunAsync();
    }

    private GrpcService Add<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, bool isStream, Func<GrpcServerCall, Task> body)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        if (method.Service != Name)
        {
            throw new ArgumentException($"method {method.Path} belongs to another service than {Name}; add it to its own", nameof(method));
        }

        _methods.Add(method.Path, new(method.Path, isStream, body));
        return this;
    }

    private async Task<TRequest> ReadOnlyMessageAsync<TRequest>(GrpcServerCall call, MessageParser<TRequest> parser)
        where TRequest : class, IMessage<TRequest>
    {
        var body = call.HttpContext.Request.BodyReader;
        var request = await GrpcFrame.ReadAsync(body, parser, _options.MaxReceiveBytes, call.Cancellation).ConfigureAwait(false)
            ?? throw new RpcException(StatusCode.Internal, "no request message; send exactly one");
        if (await GrpcFrame.ReadAsync(body, parser, _options.MaxReceiveBytes, call.Cancellation).ConfigureAwait(false) is not null)
        {
            throw new RpcException(StatusCode.Internal, "more than one request message; send exactly one");
        }

        return request;
    }
}

/// <summary>A served method: where it is, whether it streams, what it does.</summary>
internal sealed record GrpcServerMethod(string Path, bool IsStream, Func<GrpcServerCall, Task> Body);
