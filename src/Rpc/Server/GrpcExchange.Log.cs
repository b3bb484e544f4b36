using Microsoft.Extensions.Logging;

namespace Castellan.Rpc;

internal sealed partial class GrpcExchange
{
    [LoggerMessage(Level = LogLevel.Error, Message = "gRPC call {Path} failed")]
    private static partial void LogFailure(ILogger logger, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "gRPC call {Path} ended after its caller had gone")]
    private static partial void LogAbandoned(ILogger logger, string path, Exception exception);
}
