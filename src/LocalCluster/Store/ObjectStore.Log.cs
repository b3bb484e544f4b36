using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Store;

internal sealed partial class ObjectStore
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Store opened with {Objects} objects at revision {Revision}")]
    private static partial void LogOpened(ILogger logger, int objects, long revision);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A crash had torn the journal's last write; {Bytes} bytes that were never acknowledged were dropped")]
    private static partial void LogTorn(ILogger logger, long bytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "The journal cannot be written; writes fail until it can")]
    private static partial void LogWriteFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Journal compacted: {Objects} objects at revision {Revision}")]
    private static partial void LogCompacted(ILogger logger, int objects, long revision);
}
