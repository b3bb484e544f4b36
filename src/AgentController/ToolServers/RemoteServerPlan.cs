using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Workloads;

namespace Castellan.AgentController.ToolServers;

/// <summary>
/// What shall be for a remote tool server: nothing. What it had while it ran in a pod is taken away, and since nothing of it is in the cluster, it is
/// ready when the gateway has listed its tools.
/// </summary>
/// <remarks>The copy of the trust bundle stays until the ToolServer goes: it is no secret, and the right to delete everybody's ConfigMaps is not worth it.</remarks>
internal static class RemoteServerPlan
{
    public static ToolServerPlan From(ToolServerObservation seen, RemoteServer remote) =>
        new(Ready(seen.Server, remote), SpiffeId: null, Children: [], Obsolete: [.. seen.Access, .. seen.Workload]);

    private static Verdict Ready(ToolServer server, RemoteServer remote)
    {
        if (RemoteServerFaults.Of(remote) is { } fault)
        {
            return Verdict.No("SpecInvalid", fault);
        }

        // What was found for an earlier spec says nothing of this one.
        return Conditions.Find(server.Status?.Conditions, ApiGroup.DiscoveredCondition) is { } discovered && discovered.ObservedGeneration == server.Metadata.Generation
            ? discovered.Status == nameof(ConditionStatus.True)
                ? Verdict.Yes(WorkloadHealth.ReadyReason, "the gateway has listed its tools")
                : Verdict.No(discovered.Reason, discovered.Message)
            : Verdict.No(WorkloadHealth.ProgressingReason, "waiting for the gateway to list its tools");
    }
}
