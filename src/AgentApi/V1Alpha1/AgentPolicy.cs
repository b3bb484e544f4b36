using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>
/// Who may do what, in this namespace. Nothing is allowed unless a rule allows it; any matching Deny wins; a rule whose
/// expression fails denies.
/// </summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "AgentPolicy", "agentpolicies")]
[ShortNames("ap")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Rules", "integer", ".status.ruleCount")]
[PrinterColumn("Enforcement", "string", ".spec.enforcement")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class AgentPolicy : KubeObject
{
    /// <summary>Who may do what.</summary>
    public required AgentPolicySpec Spec { get; set; }

    /// <summary>What the controller observed.</summary>
    public AgentPolicyStatus? Status { get; set; }
}

/// <summary>Who may do what.</summary>
public sealed class AgentPolicySpec
{
    /// <summary>Whose calls the rules are about. A call is covered if any of the lists names its principal.</summary>
    public required PolicySubjects Subjects { get; set; }

    /// <summary>Whether the rules decide, or are only written down beside the decision.</summary>
    [DefaultValue("Enforce")]
    public PolicyEnforcement? Enforcement { get; set; }

    /// <summary>The rules. Their order does not matter: Deny beats RequireApproval and RequireConfirmation, which beat Allow.</summary>
    [MinLength(1), MaxLength(200), ListKey(nameof(PolicyRule.Name))]
    public required IList<PolicyRule> Rules { get; set; }
}

/// <summary>What becomes of the answers of a policy.</summary>
public enum PolicyEnforcement
{
    /// <summary>They decide.</summary>
    Enforce,

    /// <summary>The audit log says what they would have decided; <c>castellan policy report</c> adds it up.</summary>
    Audit,
}

/// <summary>Whose calls a policy is about.</summary>
public sealed class PolicySubjects
{
    /// <summary>Names of Agents in the policy's namespace or namespaces; <c>*</c> means all of them.</summary>
    [MaxLength(100)]
    public IList<string>? Agents { get; set; }

    /// <summary>SPIFFE IDs of agents; <c>*</c> stands for any text, as in <c>spiffe://example.org/ns/shop/sa/agent-*</c>.</summary>
    [MaxLength(100)]
    public IList<string>? SpiffeIds { get; set; }

    /// <summary>User names, for calls that a human makes directly (an IDE, the command line).</summary>
    [MaxLength(100)]
    public IList<string>? Users { get; set; }

    /// <summary>Groups, for calls that a human makes directly.</summary>
    [MaxLength(100)]
    public IList<string>? Groups { get; set; }
}

/// <summary>One rule.</summary>
public sealed class PolicyRule
{
    /// <summary>Name, unique in the policy; decisions, messages and the audit log quote it.</summary>
    [RegularExpression("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), MaxLength(63)]
    public required string Name { get; set; }

    /// <summary>What the rule does to a call it matches.</summary>
    public required PolicyEffect Effect { get; set; }

    /// <summary>CEL condition over the call; absent matches every call of the subjects. The variables are listed in docs/policy.md.</summary>
    [MaxLength(8192)]
    public string? When { get; set; }

    /// <summary>Who may approve, for <see cref="PolicyEffect.RequireApproval"/>. The requester never may.</summary>
    public ApproverSet? Approvers { get; set; }

    /// <summary>How long an approval or a confirmation is waited for: 1 second to 7 days; the call is denied when it passes.</summary>
    [Range(1, 604800), DefaultValue(3600)]
    public int? ExpiresAfterSeconds { get; set; }

    /// <summary>What happens to a tool call besides, when it passes and the rule matched. Those of all rules that matched add up.</summary>
    public RuleObligations? Obligations { get; set; }
}

/// <summary>What happens to a tool call that passes.</summary>
public sealed class RuleObligations
{
    /// <summary>
    /// JSONPaths (RFC 9535: names, indexes, <c>*</c> and <c>..</c>) into the arguments: what they select is replaced by <c>[redacted]</c> before
    /// anybody else sees it. An approver sees, and signs, what is left.
    /// </summary>
    [MaxLength(50)]
    public IList<string>? RedactArguments { get; set; }

    /// <summary>JSONPaths into the result, for what is structured and for text that is JSON.</summary>
    [MaxLength(50)]
    public IList<string>? RedactResult { get; set; }

    /// <summary>Most bytes of the result's text and of its structured part, in UTF-8: 1 to 16 MiB. The rest is cut off, and the text says so.</summary>
    [Range(1, 16_777_216)]
    public int? MaxResultBytes { get; set; }

    /// <summary>What becomes of a result in which something is found; of several rules the strictest counts.</summary>
    public ResultInspection? InspectResult { get; set; }

    /// <summary>HTTP headers that the request to the tool server carries.</summary>
    [MaxLength(20)]
    public IDictionary<string, string>? Headers { get; set; }
}

/// <summary>What is looked for in a result, and what then becomes of it.</summary>
public sealed class ResultInspection
{
    /// <summary>Keys, tokens, passwords.</summary>
    public FindingAction? Secrets { get; set; }

    /// <summary>Personal data.</summary>
    public FindingAction? Pii { get; set; }

    /// <summary>Text that is written for a model to obey.</summary>
    public FindingAction? Injections { get; set; }
}

/// <summary>What becomes of a result in which something is found; the later, the stricter.</summary>
public enum FindingAction
{
    /// <summary>It passes. The audit log says what was found, and of injections the model is told that they are data.</summary>
    Flag,

    /// <summary>What was found is replaced by a placeholder.</summary>
    Redact,

    /// <summary>The result is withheld. What the tool did has happened.</summary>
    Deny,
}

/// <summary>What a rule does to a call it matches.</summary>
public enum PolicyEffect
{
    /// <summary>Lets it pass.</summary>
    Allow,

    /// <summary>Refuses it, whatever other rules say.</summary>
    Deny,

    /// <summary>Lets it pass once another principal has signed an approval of exactly this call.</summary>
    RequireApproval,

    /// <summary>Lets it pass once the person whom the call is for has signed that exactly this call is wanted; the agent cannot.</summary>
    RequireConfirmation,
}

/// <summary>Who may approve: anyone whom one of the lists names, and of whom the condition holds.</summary>
public sealed class ApproverSet
{
    /// <summary>User names.</summary>
    [MaxLength(100)]
    public IList<string>? Users { get; set; }

    /// <summary>Groups.</summary>
    [MaxLength(100)]
    public IList<string>? Groups { get; set; }

    /// <summary>
    /// CEL condition over the approver (<c>approver.user</c>, <c>approver.groups</c>) and the call, which must hold besides. Without users and
    /// groups it alone says who may approve.
    /// </summary>
    [MaxLength(8192)]
    public string? When { get; set; }

    /// <summary>How many different approvers have to say yes: 1 to 10; absent means 1.</summary>
    [Range(1, 10)]
    public int? Quorum { get; set; }
}

/// <summary>What the controller observed of a policy.</summary>
public sealed class AgentPolicyStatus
{
    /// <summary>Generation of the spec that this status describes.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary><c>Ready</c>: every expression compiles. When it is False, the last rules that compiled stay in force.</summary>
    [ListKey(nameof(Condition.Type))]
    public IList<Condition>? Conditions { get; set; }

    /// <summary>Number of rules in the spec that compiled last: those in force.</summary>
    public int? RuleCount { get; set; }
}
