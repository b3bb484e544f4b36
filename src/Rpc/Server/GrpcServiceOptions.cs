namespace Castellan.Rpc;

/// <summary>Limits of one served gRPC service.</summary>
public sealed record GrpcServiceOptions
{
    /// <summary>4 MiB, the limit that gRPC servers have by default.</summary>
    public const int DefaultMaxReceiveBytes = 4 << 20;

    /// <summary>Longest request message in bytes; a longer one is refused with ResourceExhausted before it is buffered.</summary>
    public int MaxReceiveBytes { get; init; } = DefaultMaxReceiveBytes;

    /// <summary>Clock of the deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
