using Castellan.Rpc;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar;

/// <summary>Timestamps of callers: any two numbers may stand in them.</summary>
internal static class ProtocolTime
{
    // Seconds of 0001-01-01 and 9999-12-31.
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

    public static bool IsValid(Timestamp? time) => time is { Nanos: >= 0 and < 1_000_000_000, Seconds: >= FirstSecond and <= LastSecond };

    /// <param name="time">Null: none.</param>
    /// <param name="what">What it is the time of, in words.</param>
    /// <exception cref="RpcException">InvalidArgument: no calendar has that moment.</exception>
    public static DateTimeOffset? Read(Timestamp? time, string what) => time is null ? null
        : IsValid(time) ? time.ToDateTimeOffset()
        : throw new RpcException(StatusCode.InvalidArgument, $"the {what} has {time.Seconds} seconds and {time.Nanos} nanoseconds; send a time from year 1 to 9999");
}
