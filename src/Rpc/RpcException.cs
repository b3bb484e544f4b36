namespace Castellan.Rpc;

/// <summary>A gRPC call that ended with a status other than <see cref="Rpc.StatusCode.OK"/>.</summary>
/// <remarks>A server method throws it to answer that status; its message reaches the caller, so it holds no secret.</remarks>
/// <param name="statusCode">The status.</param>
/// <param name="message">What is wrong and what to do, for the caller.</param>
/// <param name="inner">The local cause, which never travels.</param>
public sealed class RpcException(StatusCode statusCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The status the call ended with.</summary>
    public StatusCode StatusCode { get; } = statusCode;
}
