using Castellan.KubeClient.Events;
using Castellan.LocalCluster.Kubelet.Processes;
using Castellan.LocalCluster.Kubelet.Volumes;

namespace Castellan.LocalCluster.Kubelet.Pods;

internal sealed partial class PodWorker
{
    private DateTimeOffset? _prepareAgainAt;
    private int _prepareFailures;

    /// <summary>Address, folders and volumes; false if a volume's source is missing, then it is tried again later.</summary>
    private async Task<bool> TryPrepareAsync()
    {
        _startTime ??= Now.UtcDateTime;
        _ip ??= _pod.Spec.HostNetwork is true ? _node.HostIp : _node.Addresses.Take(_pod.Metadata.Uid!, _pod.Status?.PodIP);
        if (_prepareAgainAt is { } at && at > Now)
        {
            WakeAt(at);
            return false;
        }
        if (Directory.Exists(_folder.Root)) EndLeftovers();
        MakeFolders();
        var fields = new ContainerEnvironment(_node.Kube, _pod, _ip, _node.HostIp);
        _volumes = new PodVolumes(_node, _pod, fields, _uid);
        try
        {
            await _volumes.WriteAsync(CancellationToken.None);
            foreach (var run in _runs) _volumes.Link(run.Spec);
        }
        catch (Exception e) when (e is VolumeException or KubeClient.KubeException)
        {
            _node.Events.Record(_pod, EventType.Warning, "FailedMount", e is VolumeException ? e.Message : $"MountVolume.SetUp failed : {e.Message}");
            // Twice the wait each time, from half a second to two minutes: the real kubelet's own steps.
            _prepareAgainAt = Now + TimeSpan.FromSeconds(Math.Min(0.5 * Math.Pow(2, _prepareFailures++), 122));
            WakeAt(_prepareAgainAt.Value);
            return false;
        }
        return _prepared = true;
    }

    private void MakeFolders()
    {
        Folders.Make(_folder.Root, _uid is null ? Folders.Private : Folders.GroupReadable);
        if (_uid is { } gid) Posix.OwnByGroup(_folder.Root, gid);
        Folders.Make(Path.Combine(_folder.Root, "containers"), Folders.Readable);
        Folders.Make(Path.Combine(_folder.Root, "volumes"), Folders.Readable);
        Folders.Make(Path.Combine(_folder.Root, "logs"), Folders.Private);
        foreach (var run in _runs)
        {
            var root = _folder.ContainerRoot(run.Name);
            Folders.Make(Path.GetDirectoryName(root)!, Folders.Readable);
            Folders.Make(root, Folders.Readable);
            Folders.MakeFor(_uid, _folder.Home(run.Name));
        }
    }

    private async Task RenewVolumesAsync()
    {
        if (_volumes?.RenewAt is not { } at) return;
        if (at <= Now)
        {
            await _volumes.WriteAsync(CancellationToken.None);
            at = _volumes.RenewAt ?? at;
        }
        WakeAt(at);
    }

    /// <summary>Ends what a kubelet that was killed left behind.</summary>
    private void EndLeftovers()
    {
        foreach (var run in _runs)
        {
            var leader = RunRecord.TryRead(_folder.RunFile(run.Name))?.KillLeftover() ?? false;
            var others = ChildProcess.KillBySandbox(_folder.ContainerRoot(run.Name));
            if (leader || others > 0) LogLeftover(_pod.Key, run.Name, others + (leader ? 1 : 0));
        }
    }

    private void CleanUp()
    {
        EndLeftovers();
        _node.Addresses.Give(_ip, _pod.Metadata.Uid!);
        if (Directory.Exists(_folder.Root)) Directory.Delete(_folder.Root, recursive: true);
    }
}
