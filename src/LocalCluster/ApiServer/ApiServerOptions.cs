using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>What the API server needs to know.</summary>
internal sealed record ApiServerOptions(string DataDirectory, int Port, TimeProvider Clock, ILoggerFactory Loggers)
{
    /// <summary>Each write waits for the disk. Off only where losing the last seconds at a crash does not matter.</summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>Where Services get their addresses.</summary>
    public LoopbackRange Addresses { get; init; } = LoopbackRange.Unclaimed;
}
