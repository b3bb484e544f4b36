using Castellan.LocalCluster.Kubelet;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.LocalCluster;

/// <summary>How a local cluster is started.</summary>
public sealed class LocalClusterOptions
{
    /// <summary>Where the cluster's state, keys and logs are kept; created with mode 0700 when missing. One process at a time.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Port of the API server on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Clock of everything in the cluster.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where logs go.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Each write waits for the disk, so that nothing acknowledged is lost with power. Off, the operating system writes when it
    /// likes: enough to survive the death of the process, and what tests use.
    /// </summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>
    /// What runs for an image, by name without tag. When null there are no controllers and no node: objects are stored, nothing acts on them.
    /// Empty runs pods whose containers name a command of this machine.
    /// </summary>
    public IReadOnlyDictionary<string, ImageCommand>? Images { get; init; }

    /// <summary>
    /// Folder of the pods' files; null takes one in the data directory or, when pods run under users of their own that could not reach that,
    /// one under <c>/run</c>.
    /// </summary>
    public string? PodsDirectory { get; init; }

    /// <summary>Wait before the second restart of a failed container; doubles each time, to five minutes. Kubernetes waits 10 seconds.</summary>
    public TimeSpan RestartBackoff { get; init; } = TimeSpan.FromSeconds(1);
}
