using Castellan.AgentApi.Workloads;
using Castellan.LocalCluster.Kubelet;
using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Local;

/// <summary>
/// Says who a process is: a pod if it is the first process of the container that the controller put there, the gateway and
/// the controller if it is this very process (local mode runs them in the daemon). Everything else is nobody: neither a third party's container beside ours
/// nor a command that ours started (a stdio tool server) may show itself as the pod.
/// </summary>
/// <param name="pods">The processes of the pods that run here.</param>
/// <param name="trustDomain">Trust domain of the identities.</param>
/// <param name="refused">Told of every process that is nobody, and why.</param>
internal sealed class ProcessAttestor(PodProcesses pods, TrustDomain trustDomain, Action<WorkloadProcess, PodProcess?, string> refused) : IWorkloadAttestor
{
    private readonly ulong _ownStart = (ulong)(DaemonState.StartOf(Environment.ProcessId) ?? throw new InvalidOperationException("/proc is not mounted; local mode needs it"));

    public ValueTask<IReadOnlyList<WorkloadIdentity>> AttestAsync(WorkloadProcess process, CancellationToken ct)
    {
        if (process.Pid == Environment.ProcessId && process.StartTimeTicks == _ownStart)
        {
            return ValueTask.FromResult<IReadOnlyList<WorkloadIdentity>>(
                [Identity(WorkloadNames.SystemNamespace, WorkloadNames.Gateway), Identity(WorkloadNames.SystemNamespace, WorkloadNames.Controller)]);
        }
        if (pods.TryFindLeader(process.Pid, process.StartTimeTicks) is { IsLeader: true, Container: WorkloadNames.MainContainer } leader)
        {
            return ValueTask.FromResult<IReadOnlyList<WorkloadIdentity>>([Identity(leader.Namespace, leader.ServiceAccount)]);
        }
        var pod = pods.TryFind(process.Pid);
        refused(process, pod, pod is null
            ? $"process {process.Pid} of uid {process.Uid} belongs to no pod"
            : $"process {process.Pid} of uid {process.Uid} runs in container {pod.Container} of pod {pod.Namespace}/{pod.Pod}, but is not the first process that Castellan put there");
        return ValueTask.FromResult<IReadOnlyList<WorkloadIdentity>>([]);
    }

    private WorkloadIdentity Identity(string ns, string serviceAccount) => new(SpiffeId.Parse(WorkloadNames.SpiffeId(trustDomain.ToString(), ns, serviceAccount)));
}
