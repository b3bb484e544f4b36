using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.Agents;

/// <summary>Everything the plan for an agent depends on, as it is in the cluster now.</summary>
internal sealed record AgentObservation(Agent Agent)
{
    /// <summary>The model it names, if that exists.</summary>
    public ModelConfig? Model { get; init; }

    /// <summary>Names of the ToolServers in its namespace.</summary>
    public IReadOnlySet<string> ToolServers { get; init; } = new HashSet<string>();

    /// <summary>Names of the tools of those ToolServers whose tools the gateway has listed.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> OfferedTools { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Its grants, in the order of the spec.</summary>
    public IReadOnlyList<ObservedGrant> Grants { get; init; } = [];

    /// <summary>What the SPIFFE server publishes, where pods know it by that.</summary>
    public string? TrustBundle { get; init; }

    public Deployment? Deployment { get; init; }

    public IReadOnlyList<Pod> Pods { get; init; } = [];

    /// <summary>The RoleBindings made for it, in any namespace.</summary>
    public IReadOnlyList<RoleBinding> Bindings { get; init; } = [];
}

/// <summary>A grant and what it refers to.</summary>
/// <param name="Grant">As written.</param>
/// <param name="Namespace">The namespace it is meant for.</param>
/// <param name="RoleExists">Whether there is such a role.</param>
/// <param name="IsAccepted">Whether it stays in the agent's namespace, or the other namespace accepts agents of this one.</param>
internal sealed record ObservedGrant(RoleGrant Grant, string Namespace, bool RoleExists, bool IsAccepted);
