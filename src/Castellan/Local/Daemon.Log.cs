using Microsoft.Extensions.Logging;

namespace Castellan.Cli.Local;

internal static partial class DaemonLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Ready after {Milliseconds} ms: API server {ApiServer}, gateway {Gateway}")]
    public static partial void Ready(this ILogger log, int milliseconds, Uri apiServer, Uri gateway);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping")]
    public static partial void Stopping(this ILogger log);

    [LoggerMessage(Level = LogLevel.Error, Message = "The local system failed")]
    public static partial void Failed(this ILogger log, Exception exception);
}
