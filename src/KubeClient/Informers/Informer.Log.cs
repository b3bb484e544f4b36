using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.KubeClient.Informers;

public sealed partial class Informer<T>
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "The watch of {Kind} is too old at version {Version}; listing again")]
    private partial void LogExpired(string kind, string? version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Listing or watching {Kind} failed {Failures} times: {Problem}")]
    private partial void LogFailed(string kind, string problem, int failures);

    [LoggerMessage(Level = LogLevel.Error, Message = "A subscriber to {Kind} failed at {Key}")]
    private partial void LogSubscriberFailed(Exception e, string kind, NamespacedName key);
}
