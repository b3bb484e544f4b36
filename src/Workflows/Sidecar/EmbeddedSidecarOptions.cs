using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.Workflows;

/// <summary>Limits and companions of the embedded sidecar.</summary>
public sealed class EmbeddedSidecarOptions
{
    /// <summary>Hubs that exist for this process alone: no socket reaches them, whoever asks.</summary>
    public IReadOnlyList<string> LocalHubs { get; init; } = [];

    /// <summary>
    /// Most turns that one stream holds. With <see cref="MaxActivitiesPerStream"/> less than 100, for the official JavaScript worker drops what exceeds
    /// its queue.
    /// </summary>
    public int MaxTurnsPerStream { get; init; } = 35;

    /// <summary>Most activities that one stream holds.</summary>
    public int MaxActivitiesPerStream { get; init; } = 55;

    /// <summary>A turn that a remote worker has not answered after this is given to another.</summary>
    public TimeSpan TurnLease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>An activity that a remote worker has not answered after this is delivered again.</summary>
    public TimeSpan ActivityLease { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Of several sidecars on one PostgreSQL database: after this long without a sign of life one is taken for dead, and the others take its work
    /// over. At least a second.
    /// </summary>
    public TimeSpan ReplicaLease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Idle instances kept in memory for each hub; the others are read again when something happens to them.</summary>
    public int MaxIdleInstances { get; init; } = 2000;

    /// <summary>Bytes of history that the idle instances of each hub keep in memory, roughly.</summary>
    public long MaxIdleBytes { get; init; } = 64L << 20;

    /// <summary>Longest payload, in characters, that stands in the rows of its events; a longer one stands once, and rows refer to it.</summary>
    public int MaxInlinePayload { get; init; } = 8192;

    /// <summary>
    /// Longest history, in bytes, that a turn carries to a remote worker. A longer one is fetched by workers that can; for others the instance is
    /// stalled until such a worker attaches. The official clients accept any length but for Go's, whose limit is 4 MiB unless it is raised.
    /// </summary>
    public int MaxTurnBytes { get; init; } = 16 << 20;

    /// <summary>Ended instances older than this are purged in the background; <see langword="null"/> keeps them until somebody does it.</summary>
    public TimeSpan? Retention
    {
        get;
        init => field = value is null || value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a retention is not negative");
    }

    /// <summary>
    /// Claims in the sidecar's store (opened with <see cref="Storage.Claims.EffectClaims.Schema"/>) that ended longer ago than this are removed in the
    /// background; <see langword="null"/> keeps them. An effect whose claim is gone can be claimed again: choose longer than a call may be repeated.
    /// </summary>
    public TimeSpan? ClaimRetention { get; init; }

    /// <summary>Longest gRPC message in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Clock of timers, leases and timestamps.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the sidecar logs.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
