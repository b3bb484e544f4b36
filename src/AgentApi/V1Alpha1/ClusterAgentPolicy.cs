using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>
/// Who may do what, in several namespaces or all of them: what a platform team lays down for everybody. Its rules count together with
/// those of the AgentPolicies of a namespace, so its Deny cannot be allowed there.
/// </summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "ClusterAgentPolicy", "clusteragentpolicies", Namespaced = false)]
[ShortNames("cap")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Rules", "integer", ".status.ruleCount")]
[PrinterColumn("Enforcement", "string", ".spec.enforcement")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class ClusterAgentPolicy : KubeObject
{
    /// <summary>Who may do what.</summary>
    public required ClusterAgentPolicySpec Spec { get; set; }

    /// <summary>What the controller observed.</summary>
    public AgentPolicyStatus? Status { get; set; }
}

/// <summary>Who may do what, and where.</summary>
public sealed class ClusterAgentPolicySpec
{
    /// <summary>Namespaces the rules are about; absent or empty means all.</summary>
    [MaxLength(1000)]
    public IList<string>? Namespaces { get; set; }

    /// <summary>Whose calls the rules are about. A call is covered if any of the lists names its principal.</summary>
    public required PolicySubjects Subjects { get; set; }

    /// <summary>Whether the rules decide, or are only written down beside the decision.</summary>
    [DefaultValue("Enforce")]
    public PolicyEnforcement? Enforcement { get; set; }

    /// <summary>The rules, as in an AgentPolicy.</summary>
    [MinLength(1), MaxLength(200), ListKey(nameof(PolicyRule.Name))]
    public required IList<PolicyRule> Rules { get; set; }
}
