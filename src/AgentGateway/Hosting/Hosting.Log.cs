using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The gateway serves agents at {Workload} and people at {Edge}")]
    internal static partial void Started(ILogger log, Uri workload, Uri edge);
}
