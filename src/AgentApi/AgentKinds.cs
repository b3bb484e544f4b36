using Castellan.AgentApi.V1Alpha1;

namespace Castellan.AgentApi;

/// <summary>The kinds of this build.</summary>
public static class AgentKinds
{
    /// <summary>The types of the kinds, by name.</summary>
    public static IReadOnlyList<Type> All { get; } = [typeof(Agent), typeof(AgentBudget), typeof(AgentPolicy), typeof(ClusterAgentBudget), typeof(ClusterAgentPolicy), typeof(FederatedTrustDomain), typeof(ModelConfig), typeof(ToolServer)];
}
