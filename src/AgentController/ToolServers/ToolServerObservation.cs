using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.ToolServers;

/// <summary>Everything the plan for a tool server depends on, as it is in the cluster now.</summary>
internal sealed record ToolServerObservation(ToolServer Server)
{
    /// <summary>Names of the Agents in its namespace that use it.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>What the SPIFFE server publishes, where pods know it by that.</summary>
    public string? TrustBundle { get; init; }

    public Deployment? Deployment { get; init; }

    public IReadOnlyList<Pod> Pods { get; init; } = [];

    /// <summary>The Deployment, Service and account made for it.</summary>
    public IReadOnlyList<KubeObject> Workload { get; init; } = [];

    /// <summary>The Roles, ClusterRoles and bindings made for it.</summary>
    public IReadOnlyList<KubeObject> Access { get; init; } = [];
}
