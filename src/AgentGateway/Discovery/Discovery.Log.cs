using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Discovery;

internal static partial class DiscoveryLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Discovered {Count} tools on {Server}")]
    internal static partial void Discovered(ILogger log, NamespacedName server, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tools of {Server} cannot be listed: {Problem}")]
    internal static partial void ListFailed(ILogger log, NamespacedName server, string problem);
}
