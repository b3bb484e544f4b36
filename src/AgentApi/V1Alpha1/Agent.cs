using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>An agent: a model with instructions and tools, run in a pod of its own under an identity of its own.</summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "Agent", "agents")]
[ShortNames("ag")]
[ObjectName(WorkloadNames.MaxLength, WorkloadNames.Pattern)]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason", Priority = 1)]
[PrinterColumn("Identity", "string", ".status.conditions[?(@.type==\"IdentityReady\")].status", Priority = 1)]
[PrinterColumn("SPIFFE ID", "string", ".status.spiffeId")]
[PrinterColumn("Model", "string", ".status.model")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class Agent : KubeObject
{
    /// <summary>What the agent shall be.</summary>
    public required AgentSpec Spec { get; set; }

    /// <summary>What the controller observed.</summary>
    public AgentStatus? Status { get; set; }
}

/// <summary>What an agent shall be.</summary>
public sealed class AgentSpec
{
    /// <summary>One sentence that tells people and other agents what this agent is for.</summary>
    [MaxLength(1024)]
    public string? Description { get; set; }

    /// <summary>The system prompt: who the agent is, what it may assume, how it answers.</summary>
    [MinLength(1), MaxLength(65536)]
    public required string Instructions { get; set; }

    /// <summary>The ModelConfig in the agent's namespace that answers its turns.</summary>
    public required LocalReference Model { get; set; }

    /// <summary>The tools the agent may ask for. What it may then do is decided by AgentPolicy at each call.</summary>
    [MaxLength(50), ListKey(nameof(AgentTools.Server))]
    public IList<AgentTools>? Tools { get; set; }

    /// <summary>
    /// A program of your own that runs the agent's turns in place of Castellan's: it attaches to the gateway's task hub with the pod's SVID as that one does. Policy, approvals
    /// and the audit log hold for it all the same, as nothing of them is in the pod.
    /// </summary>
    [MinLength(1), MaxLength(1024)]
    public string? Image { get; set; }

    /// <summary>Bounds of one run.</summary>
    public AgentLimits? Limits { get; set; }

    /// <summary>
    /// Roles bound to the agent's service account. The Cluster tool server acts under that account in this agent's calls;
    /// the pod itself gets no API token.
    /// </summary>
    [MaxLength(20)]
    public IList<RoleGrant>? Access { get; set; }
}

/// <summary>Names an object in the same namespace.</summary>
public sealed class LocalReference
{
    /// <summary>Name of the object.</summary>
    [MinLength(1), MaxLength(253)]
    public required string Name { get; set; }
}

/// <summary>Tools of one tool server.</summary>
public sealed class AgentTools
{
    /// <summary>Name of the ToolServer in the agent's namespace.</summary>
    [MinLength(1), MaxLength(253)]
    public required string Server { get; set; }

    /// <summary>Names of the tools on that server; absent or empty means all of them.</summary>
    [MaxLength(100)]
    public IList<string>? Names { get; set; }

    /// <summary>Tools of this server that always wait for an approval, even where policy allows them outright.</summary>
    [MaxLength(100)]
    public IList<string>? RequireApproval { get; set; }
}

/// <summary>Bounds of one run of an agent. A run that reaches one ends with an error that names it.</summary>
public sealed class AgentLimits
{
    /// <summary>Most model turns in one run: 1 to 200.</summary>
    [Range(1, 200), DefaultValue(20)]
    public int? MaxTurns { get; set; }

    /// <summary>Most seconds that one run lasts, waiting for approvals included: 1 to 604800 (a week).</summary>
    [Range(1, 604800), DefaultValue(86400)]
    public int? TimeoutSeconds { get; set; }

    /// <summary>Most tool calls in flight at once in one run: 1 to 32.</summary>
    [Range(1, 32), DefaultValue(4)]
    public int? MaxParallelCalls { get; set; }
}

/// <summary>A Role or ClusterRole that the agent's service account is bound to.</summary>
public sealed class RoleGrant
{
    /// <summary>Which kind of role.</summary>
    public required RoleKind Kind { get; set; }

    /// <summary>Name of the role.</summary>
    [MinLength(1), MaxLength(253)]
    public required string Name { get; set; }

    /// <summary>
    /// The namespace in which the role is granted; absent means the agent's own. Another namespace must accept agents of this one:
    /// its annotation <c>castellan.dev/accepts-agents-from</c> lists namespaces, separated by commas. There are no cluster-wide grants.
    /// </summary>
    [RegularExpression(WorkloadNames.Pattern), MaxLength(63)]
    public string? Namespace { get; set; }
}

/// <summary>Kinds of role that can be granted.</summary>
public enum RoleKind
{
    /// <summary>A Role in the namespace of the grant.</summary>
    Role,

    /// <summary>A ClusterRole, granted in one namespace.</summary>
    ClusterRole,
}

/// <summary>What the controller observed of an agent.</summary>
public sealed class AgentStatus
{
    /// <summary>Generation of the spec that this status describes.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>
    /// <c>Ready</c>: a pod of the current revision runs, its model is ready, its tool servers and roles are there. <c>IdentityReady</c>: a pod has
    /// proved the agent's SPIFFE ID to the controller, with an agent card that it signed.
    /// </summary>
    [ListKey(nameof(Condition.Type))]
    public IList<Condition>? Conditions { get; set; }

    /// <summary>The SPIFFE ID that the agent's pods are entitled to.</summary>
    public string? SpiffeId { get; set; }

    /// <summary>The identity that a pod has proved; absent while <c>IdentityReady</c> is not True.</summary>
    public AgentIdentity? Identity { get; set; }

    /// <summary>Provider and model, for example <c>Runbook/triage</c> or <c>OpenAI/gpt-5</c>.</summary>
    public string? Model { get; set; }
}

/// <summary>An identity that a pod has proved.</summary>
public sealed record AgentIdentity
{
    /// <summary>The SPIFFE ID.</summary>
    public required string SpiffeId { get; set; }

    /// <summary>Whose authority vouches for it.</summary>
    public required string TrustDomain { get; set; }

    /// <summary>The pod that proved it.</summary>
    public required string Pod { get; set; }

    /// <summary>End of the X.509-SVID that it was proved with; the pod renews it long before.</summary>
    public required DateTime ExpiresAt { get; set; }
}
