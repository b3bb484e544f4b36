using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.Spire;

internal static partial class SpireLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "ClusterSPIFFEID {Name} belongs to nothing any more; taking it away")]
    public static partial void Orphan(this ILogger log, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ClusterSPIFFEIDs cannot be listed now: {Problem}")]
    public static partial void SweepFailed(this ILogger log, string problem);
}
