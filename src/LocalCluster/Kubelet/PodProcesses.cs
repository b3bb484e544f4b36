using System.Collections.Concurrent;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Which process belongs to which pod: the kubelet's table, for attestation.</summary>
public sealed class PodProcesses
{
    private const int DeepestTree = 64;
    private readonly ConcurrentDictionary<int, (long StartTicks, PodProcess Owner)> _leaders = new();

    /// <summary>The pod that a process runs in: as a container's first process or as one of its descendants.</summary>
    /// <param name="pid">Process id, as the kernel reports it now (for example by SO_PEERCRED).</param>
    /// <returns>Null if the process belongs to no pod of this kubelet, or is gone.</returns>
    /// <remarks>A pid that was reused is not matched: start times are compared at every step up the tree.</remarks>
    public PodProcess? TryFind(int pid)
    {
        if (ProcessStat.TryRead(pid) is not { } stat) return null;
        // A session's members are descendants of its leader, also when the process between them has ended.
        if (Owner(stat.Session) is { } bySession) return bySession;
        for (var depth = 0; depth < DeepestTree && stat.Pid > 1; depth++)
        {
            if (Owner(stat.Pid) is { } owner) return owner;
            if (ProcessStat.TryRead(stat.ParentPid) is not { } parent || parent.StartTicks > stat.StartTicks) return null;
            stat = parent;
        }
        return null;
    }

    internal void Add(ChildProcess child, PodProcess owner) => _leaders[child.Pid] = (child.StartTicks, owner);

    internal void Remove(ChildProcess child) =>
        _leaders.TryRemove(new(child.Pid, _leaders.TryGetValue(child.Pid, out var known) && known.StartTicks == child.StartTicks ? known : default));

    private PodProcess? Owner(int leader) =>
        _leaders.TryGetValue(leader, out var known) && ProcessStat.TryRead(leader)?.StartTicks == known.StartTicks ? known.Owner : null;
}

/// <summary>The pod a process belongs to.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">The pod's name.</param>
/// <param name="PodUid">The pod's uid.</param>
/// <param name="ServiceAccount">The pod's service account.</param>
/// <param name="Container">The container.</param>
public sealed record PodProcess(string Namespace, string Pod, string PodUid, string ServiceAccount, string Container);
