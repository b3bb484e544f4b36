using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.Agents;

internal static partial class AgentsLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Agent {Agent} is gone; taking {Bindings} bindings away")]
    public static partial void AgentGone(this ILogger log, NamespacedName agent, int bindings);
}
