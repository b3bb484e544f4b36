using Microsoft.Extensions.Logging;

namespace Castellan.AgentRuntime.Runs;

internal static partial class RunsLog
{
    [LoggerMessage(1, LogLevel.Warning, "Run {RunId}, call {Sequence}: the gateway did not answer attempt {Attempt}: {Reason}; asking again")]
    public static partial void GatewayAway(this ILogger log, string runId, long sequence, int attempt, string reason);
}
