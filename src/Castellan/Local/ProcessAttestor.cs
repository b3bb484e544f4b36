using Castellan.AgentApi.Workloads;
using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Local;

/// <summary>
/// Says who a process is: a pod's by the kubelet's process table, the gateway if it is this very process (local mode runs the
/// gateway in the daemon). Everything else is nobody.
/// </summary>
/// <param name="cluster">The cluster whose pods run here.</param>
/// <param name="trustDomain">Trust domain of the identities.</param>
internal sealed class ProcessAttestor(LocalCluster.LocalCluster cluster, TrustDomain trustDomain) : IWorkloadAttestor
{
    private readonly ulong _ownStart = (ulong)(DaemonState.StartOf(Environment.ProcessId) ?? throw new InvalidOperationException("/proc is not mounted; local mode needs it"));

    public ValueTask<IReadOnlyList<WorkloadIdentity>> AttestAsync(WorkloadProcess process, CancellationToken ct)
    {
        if (process.Pid == Environment.ProcessId && process.StartTimeTicks == _ownStart)
        {
            return ValueTask.FromResult<IReadOnlyList<WorkloadIdentity>>([Identity(WorkloadNames.SystemNamespace, WorkloadNames.Gateway)]);
        }
        return ValueTask.FromResult<IReadOnlyList<WorkloadIdentity>>(cluster.PodProcesses.TryFind(process.Pid) is { } pod ? [Identity(pod.Namespace, pod.ServiceAccount)] : []);
    }

    private WorkloadIdentity Identity(string ns, string serviceAccount) => new(SpiffeId.Parse(WorkloadNames.SpiffeId(trustDomain.ToString(), ns, serviceAccount)));
}
