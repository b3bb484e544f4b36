using Microsoft.Extensions.Logging;

namespace Castellan.AgentRuntime.Runs;

internal static partial class RunsLog
{
    [LoggerMessage(1, LogLevel.Warning, "Run {RunId}, call {Sequence}: the gateway did not answer attempt {Attempt}: {Reason}; asking again")]
    public static partial void GatewayAway(this ILogger log, string runId, long sequence, int attempt, string reason);

    [LoggerMessage(2, LogLevel.Information, "Following what the gateway wants of this pod's sidecar")]
    public static partial void RelayConnected(this ILogger log);

    [LoggerMessage(3, LogLevel.Warning, "The gateway's commands are not followed: {Reason}; connecting again")]
    public static partial void RelayLost(this ILogger log, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Cannot {What} (attempt {Attempt}): {Reason}; trying again")]
    public static partial void NotYet(this ILogger log, string what, int attempt, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Run {RunId} is not in the sidecar any more; starting it again, its calls are answered from the gateway's record")]
    public static partial void RunLost(this ILogger log, string runId);

    [LoggerMessage(6, LogLevel.Error, "Command {Command} cannot be done: {Reason}")]
    public static partial void CommandFailed(this ILogger log, string command, string reason);

    [LoggerMessage(7, LogLevel.Debug, "The history of run {RunId} stays in the sidecar: {Reason}")]
    public static partial void NotPurged(this ILogger log, string runId, string reason);
}
