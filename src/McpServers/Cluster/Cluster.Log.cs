using Microsoft.Extensions.Logging;

namespace Castellan.McpServers.Cluster;

internal static partial class ClusterLog
{
    [LoggerMessage(1, LogLevel.Information, "Call {CallId} (attempt {Attempt}): {Tool} for {User}")]
    public static partial void Called(this ILogger log, string callId, int attempt, string tool, string user);

    [LoggerMessage(2, LogLevel.Information, "Call {CallId}: the API server refused {Tool} for {User}: {Reason}")]
    public static partial void Refused(this ILogger log, string callId, string tool, string user, string reason);
}
