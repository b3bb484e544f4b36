using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Runs;

internal static partial class RunLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The end of run {RunId} cannot be recorded yet")]
    internal static partial void FollowFailed(ILogger log, Exception e, string runId);
}
