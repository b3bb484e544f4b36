using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.KubeClient.Controllers;

public sealed partial class ControllerLoop<T>
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Reconciling {Kind} {Key} failed {Failures} times; again in {DelayMs} ms")]
    private partial void LogFailed(Exception e, string kind, NamespacedName key, int failures, double delayMs);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Kind} {Key} changed while it was reconciled; again in {DelayMs} ms")]
    private partial void LogConflict(string kind, NamespacedName key, double delayMs);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reconciling {Kind} {Key} cannot succeed until something changes: {Problem}")]
    private partial void LogGivenUp(string kind, NamespacedName key, string problem);
}
