using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.ToolServers;

/// <summary>What shall be for one tool server: decided from an observation alone.</summary>
/// <param name="Ready">What to say about it.</param>
/// <param name="SpiffeId">Identity of its pods; null for a remote server, which has none.</param>
/// <param name="Children">Objects that shall be as described. A child that is missing here stays as it is.</param>
/// <param name="Obsolete">What to take away.</param>
internal sealed record ToolServerPlan(Verdict Ready, string? SpiffeId, IReadOnlyList<KubeObject> Children, IReadOnlyList<KubeObject> Obsolete)
{
    public static ToolServerPlan From(ToolServerObservation seen, AgentControllerOptions options)
    {
        var server = seen.Server;
        if (server.Spec.Remote is { } remote)
        {
            return RemoteServerPlan.From(seen, remote);
        }

        var isCluster = server.Spec.BuiltIn is { Server: BuiltInKind.Cluster };
        var workload = new Workload(server, WorkloadNames.OfToolServer(server.Metadata.Name!), MountsToken: isCluster);
        var access = isCluster ? ClusterServerAccess.For(workload, server.Spec.BuiltIn!, seen.Agents, options) : [];
        var children = new List<KubeObject> { workload.ServiceAccount() };
        children.AddRange(access);
        children.AddRange(IdentityObjects.Of(workload, options, seen.TrustBundle));

        // A spec that cannot run leaves the pods of the last good one alone.
        var fault = SpecFault(server.Spec) ?? IdentityObjects.Fault(options, seen.TrustBundle);
        if (fault is null)
        {
            children.Add(workload.Deployment(options, ToolServerContainers.Of(server, options)));
            children.Add(workload.Service());
        }
        var wanted = access.Select(Identity).ToHashSet();
        return new ToolServerPlan(
            fault ?? ClusterServerAccess.Fault(server.Spec.BuiltIn, options) ?? WorkloadHealth.Of(seen.Deployment, seen.Pods),
            workload.SpiffeId(options),
            children,
            [.. seen.Access.Where(o => !wanted.Contains(Identity(o)))]);
    }

    private static (string Kind, NamespacedName Key) Identity(KubeObject o) => (o.Kind!, o.Key);

    private static Verdict? SpecFault(ToolServerSpec spec) => spec switch
    {
        { Container: { Transport: ToolTransport.Stdio, Command: null or { Count: 0 } } } =>
            Verdict.No("SpecInvalid", "spec.container.command is missing; transport Stdio needs the command that speaks MCP on its standard input and output"),
        { Container: { Transport: null or ToolTransport.StreamableHttp, Image: null } } =>
            Verdict.No("SpecInvalid", "spec.container.image is missing; transport StreamableHttp needs an image"),
        { Container: { Port: WorkloadPorts.Mtls or WorkloadPorts.Probes } container } =>
            Verdict.No("SpecInvalid", $"spec.container.port is {container.Port}, which the proxy in the same pod listens on; choose another"),
        _ => null,
    };
}
