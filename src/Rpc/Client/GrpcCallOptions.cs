namespace Castellan.Rpc;

/// <summary>What one call carries beyond its channel's settings.</summary>
public sealed record GrpcCallOptions
{
    /// <summary>Sent with this call; keys in lower case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>Longest time until the call has ended, sent to the server as <c>grpc-timeout</c>; null waits for ever.</summary>
    public TimeSpan? Timeout { get; init; }
}
