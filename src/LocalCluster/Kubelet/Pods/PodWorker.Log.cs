using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Kubelet.Pods;

internal sealed partial class PodWorker
{
    private void LogSyncFailed(Exception e, NamespacedName pod) => SyncFailed(_node.Log, e, pod);

    private void LogLeftover(NamespacedName pod, string container, int count) => Leftover(_node.Log, pod, container, count);

    private void LogNoTerminationMessage(NamespacedName pod, string container, string problem) => NoTerminationMessage(_node.Log, pod, container, problem);

    private void LogEnded(NamespacedName pod, string container, int code) => Ended(_node.Log, pod, container, code);

    private void LogStatusRefused(NamespacedName pod, string problem) => StatusRefused(_node.Log, pod, problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod} could not be brought up to date; again soon")]
    private static partial void SyncFailed(ILogger log, Exception e, NamespacedName pod);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ended {Count} processes that container {Container} of pod {Pod} had left behind")]
    private static partial void Leftover(ILogger log, NamespacedName pod, string container, int count);

    [LoggerMessage(Level = LogLevel.Debug, Message = "No termination message of container {Container} of pod {Pod}: {Problem}")]
    private static partial void NoTerminationMessage(ILogger log, NamespacedName pod, string container, string problem);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Container {Container} of pod {Pod} exited with {Code}")]
    private static partial void Ended(ILogger log, NamespacedName pod, string container, int code);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The status of pod {Pod} was not taken: {Problem}")]
    private static partial void StatusRefused(ILogger log, NamespacedName pod, string problem);
}
