using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Integrity;

internal static partial class IntegrityLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Tool {Tool} of {Server} is blocked, {State}: {Reason}")]
    internal static partial void Deviated(ILogger log, NamespacedName server, string tool, ToolState state, string reason);
}
