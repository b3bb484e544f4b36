using System.Threading.Channels;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.LocalCluster.Kubelet.Volumes;

namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>Brings one pod to life and to its end. One loop reacts to signals; nothing polls.</summary>
internal sealed partial class PodWorker : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfterFault = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForcedGrace = TimeSpan.FromSeconds(1);
    private readonly NodeContext _node;
    private readonly Channel<PodSignal> _signals = Channel.CreateUnbounded<PodSignal>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<ContainerRun> _runs = [];
    private readonly List<Task> _stops = [];
    private readonly ITimer _timer;
    private readonly PodFolder _folder;
    private readonly int? _uid;
    private readonly Task _loop;
    private Pod _pod;
    private PodVolumes? _volumes;
    private string? _ip;
    private DateTime? _startTime;
    private bool _prepared;
    private bool _gone;
    private bool _nodeStops;
    private bool _deleteSent;
    private DateTimeOffset? _due;

    public PodWorker(NodeContext node, Pod pod)
    {
        (_node, _pod) = (node, pod);
        _folder = PodFolder.Of(node.Options.PodsDirectory, pod.Metadata.Uid!);
        _uid = node.Uids?.Of(pod.Metadata.Namespace!, ServiceAccount);
        _startTime = pod.Status?.StartTime;
        _timer = node.Time.CreateTimer(_ => Post(new Due()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var container in pod.Spec.InitContainers ?? []) _runs.Add(Adopt(container, isInit: true));
        foreach (var container in pod.Spec.Containers) _runs.Add(Adopt(container, isInit: false));
        Post(new PodSeen(pod));
        _loop = RunAsync();
    }

    /// <summary>Ends when the pod is gone and nothing is left of it, or the node has stopped.</summary>
    public Task Completion => _loop;

    private string ServiceAccount => _pod.Spec.ServiceAccountName is { Length: > 0 } name ? name : "default";

    private DateTimeOffset Now => _node.Time.GetUtcNow();

    public void Post(PodSignal signal) => _signals.Writer.TryWrite(signal);

    public async ValueTask DisposeAsync()
    {
        Post(new NodeStops());
        await _loop;
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        await foreach (var first in _signals.Reader.ReadAllAsync())
        {
            await TakeAsync(first);
            while (_signals.Reader.TryRead(out var more)) await TakeAsync(more);
            try
            {
                if (await SyncAsync()) break;
            }
            catch (Exception e) when (e is KubeException or KubeUnreachableException or KubeConfigException or IOException or UnauthorizedAccessException)
            {
                LogSyncFailed(e, _pod.Key);
                WakeAt(Now + RetryAfterFault);
            }
        }
        await Task.WhenAll(_stops);
        await _timer.DisposeAsync();
    }

    private async Task TakeAsync(PodSignal signal)
    {
        switch (signal)
        {
            case PodSeen seen:
                _pod = seen.Pod;
                break;
            case PodGone:
                _gone = true;
                break;
            case NodeStops:
                _nodeStops = true;
                break;
            case ContainerEnded ended:
                await EndedAsync(ended);
                break;
            case Probed probed:
                Take(probed);
                break;
            case Due:
                _due = null;
                break;
        }
    }

    /// <summary>One look at what is and what should be; true when there is nothing left to do, ever.</summary>
    private async Task<bool> SyncAsync()
    {
        if (_gone || _nodeStops)
        {
            StopAll(_nodeStops ? _node.Options.StopGrace : ForcedGrace);
            if (_runs.Exists(r => r.Process is not null)) return false;
            if (_gone) CleanUp();
            return true;
        }
        if (_pod.Metadata.DeletionTimestamp is not null)
        {
            await DeleteAsync();
            return false;
        }
        if (!IsOver() && (_prepared || await TryPrepareAsync()))
        {
            await RenewVolumesAsync();
            await StartWhatShouldRunAsync();
        }
        await PublishAsync();
        return false;
    }

    private async Task StartWhatShouldRunAsync()
    {
        foreach (var run in _runs.Where(r => r.IsInit && r.State.Terminated is not { ExitCode: 0 }))
        {
            if (run.Process is null) await ConsiderAsync(run);
            return; // one after the other, and the containers after all of them
        }
        foreach (var run in _runs.Where(r => !r.IsInit && r.Process is null)) await ConsiderAsync(run);
    }

    /// <summary>Whether the pod has reached an end that nothing leads out of.</summary>
    private bool IsOver()
    {
        var policy = _pod.Spec.RestartPolicy ?? "Always";
        if (_pod.Status?.Phase is "Succeeded" or "Failed") return true;
        if (policy == "Never" && _runs.Exists(r => r.IsInit && r.State.Terminated is { ExitCode: not 0 })) return true;
        return policy != "Always" && _runs.Where(r => !r.IsInit).All(r => r.State.Terminated is { } end && (policy == "Never" || end.ExitCode == 0));
    }

    private void WakeAt(DateTimeOffset at)
    {
        if (_due is { } due && due <= at) return;
        _due = at;
        var delay = at - Now;
        _timer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private ContainerRun Adopt(Container container, bool isInit)
    {
        var options = _node.Options;
        var run = new ContainerRun(container, isInit, new CrashBackoff(options.RestartBackoff, options.LongestRestartBackoff),
            new CrashBackoff(options.RestartBackoff, options.LongestRestartBackoff));
        var statuses = isInit ? _pod.Status?.InitContainerStatuses : _pod.Status?.ContainerStatuses;
        if (statuses?.FirstOrDefault(s => s.Name == container.Name) is not { } known) return run;
        (run.RestartCount, run.Last, run.ContainerId) = (known.RestartCount, known.LastState?.Terminated, known.ContainerID);
        if (known.State?.Terminated is { } ended) run.State = new ContainerState { Terminated = ended };
        else if (known.State?.Running is { } lost)
        {
            // It ran under a kubelet that is no more, and ended with it.
            run.State = new ContainerState
            {
                Terminated = new ContainerStateTerminated
                {
                    ExitCode = 255, Reason = "Unknown", StartedAt = lost.StartedAt, FinishedAt = Now.UtcDateTime, ContainerID = known.ContainerID,
                },
            };
        }
        return run;
    }
}
