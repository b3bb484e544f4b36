namespace Castellan.Rpc;

/// <summary>What every call of a channel carries and accepts.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>Sent with every call; keys in lower case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>Longest response message in bytes; a longer one ends the call with ResourceExhausted before it is buffered.</summary>
    public int MaxReceiveBytes { get; init; } = GrpcServiceOptions.DefaultMaxReceiveBytes;

    /// <summary>Clock of the deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
