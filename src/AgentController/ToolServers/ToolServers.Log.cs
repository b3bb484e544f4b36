using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.ToolServers;

internal static partial class ToolServersLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "ToolServer {ToolServer} is gone; taking {Objects} cluster-wide roles and bindings away")]
    public static partial void ToolServerGone(this ILogger log, NamespacedName toolServer, int objects);
}
