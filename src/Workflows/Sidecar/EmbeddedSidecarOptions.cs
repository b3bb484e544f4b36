using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.Workflows;

/// <summary>Limits and companions of the embedded sidecar.</summary>
public sealed class EmbeddedSidecarOptions
{
    /// <summary>Hubs that exist for this process alone: no socket reaches them, whoever asks.</summary>
    public IReadOnlyList<string> LocalHubs { get; init; } = [];

    /// <summary>Most turns that one stream holds. With <see cref="MaxActivitiesPerStream"/> at most 100: the official JavaScript worker drops what exceeds its queue.</summary>
    public int MaxTurnsPerStream { get; init; } = 40;

    /// <summary>Most activities that one stream holds.</summary>
    public int MaxActivitiesPerStream { get; init; } = 60;

    /// <summary>A turn that a remote worker has not answered after this is given to another.</summary>
    public TimeSpan TurnLease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>An activity that a remote worker has not answered after this is delivered again.</summary>
    public TimeSpan ActivityLease { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Idle instances kept in memory for each hub.</summary>
    public int MaxIdleInstances { get; init; } = 2000;

    /// <summary>Longest gRPC message in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Clock of timers, leases and timestamps.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the sidecar logs.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
