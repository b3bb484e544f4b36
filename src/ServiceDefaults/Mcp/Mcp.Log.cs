using Microsoft.Extensions.Logging;

namespace Castellan.ServiceDefaults.Mcp;

internal static partial class McpLog
{
    [LoggerMessage(1, LogLevel.Warning, "Refused an MCP request: Host '{Host}' or Origin '{Origin}' is not allowed")]
    public static partial void HostRefused(this ILogger log, string host, string origin);

    [LoggerMessage(2, LogLevel.Debug, "Refused an MCP request with {Status}: {Problem}")]
    public static partial void CallerRefused(this ILogger log, int status, string problem);

    [LoggerMessage(3, LogLevel.Warning, "Refused an MCP session: {Limit} are open")]
    public static partial void SessionLimitReached(this ILogger log, int limit);

    [LoggerMessage(4, LogLevel.Debug, "Closed an MCP session that was idle for more than {Timeout}")]
    public static partial void IdleSessionClosed(this ILogger log, TimeSpan timeout);

    [LoggerMessage(5, LogLevel.Warning, "Closing an MCP session failed")]
    public static partial void SessionCloseFailed(this ILogger log, Exception exception);

    [LoggerMessage(6, LogLevel.Debug, "An MCP session did not take a notification")]
    public static partial void NotificationFailed(this ILogger log, Exception exception);
}
