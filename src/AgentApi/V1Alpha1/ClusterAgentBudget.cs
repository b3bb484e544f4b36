using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>
/// How much calls may use in several namespaces or all of them. A purse of a person spans the namespaces; agents, sessions and namespaces have
/// one each.
/// </summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "ClusterAgentBudget", "clusteragentbudgets", Namespaced = false)]
[ShortNames("cab")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Per", "string", ".spec.per")]
[PrinterColumn("Window", "string", ".spec.window")]
[PrinterColumn("Fullest", "string", ".status.fullest")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class ClusterAgentBudget : KubeObject
{
    /// <summary>How much, for whom, how often and where.</summary>
    public required ClusterAgentBudgetSpec Spec { get; set; }

    /// <summary>What the gateway observed.</summary>
    public AgentBudgetStatus? Status { get; set; }
}

/// <summary>How much, for whom, how often and where.</summary>
public sealed class ClusterAgentBudgetSpec : AgentBudgetSpec
{
    /// <summary>Namespaces whose calls count; absent or empty means all.</summary>
    [MaxLength(1000)]
    public IList<string>? Namespaces { get; set; }
}
