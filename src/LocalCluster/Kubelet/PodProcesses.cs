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
        if (Owner(pid) is { } leader) return leader;
        // A session's members are descendants of its leader, also when the process between them has ended.
        if (Owner(stat.Session) is { } bySession) return bySession with { IsLeader = false };
        for (var depth = 0; depth < DeepestTree && stat.Pid > 1; depth++)
        {
            if (Owner(stat.Pid) is { } owner) return owner with { IsLeader = false };
            if (ProcessStat.TryRead(stat.ParentPid) is not { } parent || parent.StartTicks > stat.StartTicks) return null;
            stat = parent;
        }
        return null;
    }

    /// <summary>The pod of which a process is the first process of a container; its descendants do not count.</summary>
    /// <param name="pid">Process id.</param>
    /// <param name="startTicks">When that process started, in clock ticks after boot: with the pid it names one process for ever.</param>
    /// <returns>Null for every other process, also for one that reuses the pid.</returns>
    public PodProcess? TryFindLeader(int pid, ulong startTicks) =>
        _leaders.TryGetValue(pid, out var known) && known.StartTicks > 0 && (ulong)known.StartTicks == startTicks ? Owner(pid) : null;

    internal void Add(ChildProcess child, PodProcess owner) => _leaders[child.Pid] = (child.StartTicks, owner with { IsLeader = true });

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
public sealed record PodProcess(string Namespace, string Pod, string PodUid, string ServiceAccount, string Container)
{
    /// <summary>True for the container's first process, false for what that one started.</summary>
    public bool IsLeader { get; init; }
}
