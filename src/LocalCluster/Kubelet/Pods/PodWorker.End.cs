using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Castellan.LocalCluster.Kubelet.Logs;

namespace Castellan.LocalCluster.Kubelet.Pods;

internal sealed partial class PodWorker
{
    private const int LongestTerminationMessage = 4096;
    private const int TerminationLogBytes = 2048;
    private const int TerminationLogLines = 80;

    private async Task WatchAsync(ContainerRun run, RunningContainer process)
    {
        var code = await process.WaitAsync();
        Post(new ContainerEnded(run, process, code, await TerminationMessageAsync(run.Spec, process, code)));
    }

    private async Task<string?> TerminationMessageAsync(Container container, RunningContainer process, int code)
    {
        try
        {
            if (await ReadStartAsync(_folder.TerminationLog(container.Name)) is { Length: > 0 } text) return text;
            if (code != 0 && container.TerminationMessagePolicy == "FallbackToLogsOnError")
                return await PodLogs.TailAsync(process.LogFile, TerminationLogLines, TerminationLogBytes, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNoTerminationMessage(_pod.Key, container.Name, e.Message);
        }
        return null;
    }

    private static async Task<string> ReadStartAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[LongestTerminationMessage];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    private async Task EndedAsync(ContainerEnded ended)
    {
        var run = ended.Run;
        await ended.Process.DisposeAsync();
        if (run.Process != ended.Process) return;
        (run.Process, run.Started, run.Ready, run.Stopping) = (null, false, false, false);
        File.Delete(_folder.RunFile(run.Name));
        run.State = new ContainerState
        {
            Terminated = new ContainerStateTerminated
            {
                ExitCode = ended.ExitCode,
                Reason = ended.ExitCode == 0 ? "Completed" : "Error",
                Message = string.IsNullOrEmpty(ended.Message) ? null : ended.Message,
                StartedAt = ended.Process.StartedAt.UtcDateTime,
                FinishedAt = Now.UtcDateTime,
                ContainerID = run.ContainerId,
            },
        };
        LogEnded(_pod.Key, run.Name, ended.ExitCode);
    }

    private async Task DeleteAsync()
    {
        var seconds = _pod.Metadata.DeletionGracePeriodSeconds ?? _pod.Spec.TerminationGracePeriodSeconds ?? 30;
        StopAll(TimeSpan.FromSeconds(seconds));
        await PublishAsync();
        if (_deleteSent || _runs.Exists(r => r.Process is not null)) return;
        var options = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new DeletePreconditions(_pod.Metadata.Uid) };
        try
        {
            await _node.Kube.DeleteAsync<Pod>(_pod.Key, options);
        }
        catch (KubeException e) when (e.IsConflict)
        {
            // Another pod has the name by now; ours is gone.
        }
        _deleteSent = true;
    }

    private void StopAll(TimeSpan grace)
    {
        foreach (var run in _runs.Where(r => r is { Process: not null, Stopping: false }))
        {
            if (!_nodeStops) _node.Events.Record(_pod, EventType.Normal, "Killing", $"Stopping container {run.Name}", run.FieldPath);
            Stop(run, grace);
        }
    }

    private void Stop(ContainerRun run, TimeSpan grace)
    {
        run.Stopping = true;
        var process = run.Process!;
        Func<CancellationToken, Task>? preStop = run.Spec.Lifecycle?.PreStop switch
        {
            { Exec.Command: { } command } => ct => process.ExecAsync(command, ct),
            { HttpGet: { } get } => ct => _node.Probes.HttpAsync(get, _ip ?? _node.HostIp, run.Spec, ct),
            _ => null,
        };
        _stops.RemoveAll(t => t.IsCompletedSuccessfully);
        _stops.Add(process.StopAsync(grace, preStop));
    }
}
