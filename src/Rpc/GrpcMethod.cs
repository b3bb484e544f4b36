using Google.Protobuf;

namespace Castellan.Rpc;

/// <summary>One method of a gRPC service: its address and the two message types.</summary>
/// <param name="Service">Full service name with its protobuf package, for example <c>grpc.health.v1.Health</c>.</param>
/// <param name="Name">Method name, for example <c>Check</c>.</param>
/// <param name="RequestParser">Parser of the request message.</param>
/// <param name="ResponseParser">Parser of the response message.</param>
/// <typeparam name="TRequest">Request message.</typeparam>
/// <typeparam name="TResponse">Response message.</typeparam>
public sealed record GrpcMethod<TRequest, TResponse>(
    string Service, string Name, MessageParser<TRequest> RequestParser, MessageParser<TResponse> ResponseParser)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>Request path: <c>/Service/Name</c>.</summary>
    public string Path { get; } = $"/{Service}/{Name}";
}
