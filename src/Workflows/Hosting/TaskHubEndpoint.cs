using Castellan.Rpc;

namespace Castellan.Workflows;

/// <summary>Where a sidecar listens and how to reach it.</summary>
/// <param name="Address">For example <c>https://127.64.0.3:8443</c>.</param>
/// <param name="Handler">Makes the connections, for example with mTLS; <see langword="null"/>: plain HTTP/2. It is disposed with the host.</param>
public sealed record TaskHubEndpoint(Uri Address, HttpMessageHandler? Handler)
{
    /// <summary>Sent as <c>dapr-api-token</c>; <see langword="null"/>: none.</summary>
    public string? ApiToken { get; init; }

    /// <summary>Longest message in bytes that is accepted.</summary>
    public int MaxReceiveBytes { get; init; } = 64 << 20;

    internal TaskHubChannel CreateChannel(TimeProvider clock, GrpcChannelOptions? given)
    {
        var handler = Handler ?? new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = TimeSpan.FromSeconds(60),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
        };
        return new(new GrpcChannel(handler, Address, new()
        {
            Metadata = [.. given?.Metadata ?? [], .. ApiToken is null ? (KeyValuePair<string, string>[])[] : [new("dapr-api-token", ApiToken)]],
            MaxReceiveBytes = given?.MaxReceiveBytes ?? MaxReceiveBytes,
            TimeProvider = clock,
        }));
    }

    /// <inheritdoc/>
    public override string ToString() => Address.ToString(); // never the token
}

/// <summary>The channel that worker and client share.</summary>
internal sealed class TaskHubChannel(GrpcChannel channel) : IDisposable
{
    public GrpcChannel Channel { get; } = channel;

    public void Dispose() => Channel.Dispose();
}
