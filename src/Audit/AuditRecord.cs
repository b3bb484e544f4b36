using System.Text.Json.Nodes;

namespace Castellan.Audit;

/// <summary>When in the life of a call (or of a run) a record was written.</summary>
public enum AuditStage
{
    /// <summary>Accepted, before any decision.</summary>
    Received,

    /// <summary>Policy decided; written durably before the effect.</summary>
    Decided,

    /// <summary>Another principal approved exactly this call.</summary>
    Approved,

    /// <summary>Another principal refused it.</summary>
    Refused,

    /// <summary>Nobody decided in time.</summary>
    Expired,

    /// <summary>A statement or a request about the call was rejected: forged, by the wrong person, for other arguments.</summary>
    Rejected,

    /// <summary>The claim: the effect is about to happen. An intent without a completion is itself a finding.</summary>
    Intent,

    /// <summary>It ended.</summary>
    Completed,
}

/// <summary>What a record is about.</summary>
public enum AuditKind
{
    /// <summary>A tool call.</summary>
    Tool,

    /// <summary>A model call.</summary>
    Model,

    /// <summary>A run of an agent.</summary>
    Run,

    /// <summary>A change of the policies in force.</summary>
    Policy,

    /// <summary>What an operator did to a workflow by hand.</summary>
    Workflow,

    /// <summary>Authority of one party that another may exercise at a tool server, for minutes.</summary>
    Delegation,

    /// <summary>Somebody was turned away at a door: without identity, with the wrong one, or asking for what is another's.</summary>
    Access,

    /// <summary>The texts of old records were removed.</summary>
    Retention,

    /// <summary>The definition of a tool: pinned, changed, approved.</summary>
    ToolDefinition,
}

/// <summary>
/// One fact for the log. Absent members are not written. Arguments and results never stand in it as they are: a digest, and a
/// preview that went through <see cref="Redaction"/>.
/// </summary>
public sealed record AuditRecord
{
    /// <summary>When in the life of the call.</summary>
    public required AuditStage Stage { get; init; }

    /// <summary>What it is about.</summary>
    public required AuditKind Kind { get; init; }

    /// <summary>The call.</summary>
    public string? CallId { get; init; }

    /// <summary>Who asked, and for whom.</summary>
    public AuditWho? Who { get; init; }

    /// <summary>What was asked for.</summary>
    public AuditWhat? What { get; init; }

    /// <summary>Why it was allowed or not.</summary>
    public AuditWhy? Why { get; init; }

    /// <summary>The model's side, for model calls.</summary>
    public AuditModel? Model { get; init; }

    /// <summary>Where in the workflow.</summary>
    public AuditWhere? Where { get; init; }

    /// <summary>How it ended.</summary>
    public AuditOutcome? Outcome { get; init; }

    /// <summary>Which records lost their texts.</summary>
    public AuditRetention? Retention { get; init; }
}

/// <summary>Who asked, and for whom.</summary>
public sealed record AuditWho
{
    /// <summary>The authenticated principal: a SPIFFE ID, or the name of a user.</summary>
    public required string Principal { get; init; }

    /// <summary>Groups of a user.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>The human the call is for.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>Namespace of the agent.</summary>
    public string? AgentNamespace { get; init; }

    /// <summary>Name of the agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Generation of the Agent that the run was started with.</summary>
    public long? AgentRevision { get; init; }

    /// <summary>Address the request came from.</summary>
    public string? SourceIp { get; init; }
}

/// <summary>What was asked for.</summary>
public sealed record AuditWhat
{
    /// <summary>Namespace of the tool server or model.</summary>
    public string? Namespace { get; init; }

    /// <summary>Tool server.</summary>
    public string? Server { get; init; }

    /// <summary>Tool, model or agent.</summary>
    public string? Name { get; init; }

    /// <summary>Protocol method, for example <c>tools/call</c>.</summary>
    public string? Method { get; init; }

    /// <summary>Digest of the tool's definition.</summary>
    public string? ToolDigest { get; init; }

    /// <summary>What the tool does to the world.</summary>
    public string? Effect { get; init; }

    /// <summary>Digest of the arguments in canonical JSON.</summary>
    public string? ArgumentsDigest { get; init; }

    /// <summary>The arguments after <see cref="Redaction"/>.</summary>
    public JsonObject? ArgumentsPreview { get; init; }

    /// <summary>Digest of the result in canonical JSON.</summary>
    public string? ResultDigest { get; init; }

    /// <summary>Size of the result in canonical JSON, in UTF-16 code units.</summary>
    public long? ResultLength { get; init; }
}

/// <summary>Why it was allowed or not.</summary>
public sealed record AuditWhy
{
    /// <summary>Allow, Deny, RequireApproval or RequireConfirmation.</summary>
    public string? Decision { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy it stands in: <c>namespace/name</c>, or the name of a ClusterAgentPolicy.</summary>
    public string? Policy { get; init; }

    /// <summary>Digest of the policies in force.</summary>
    public string? PolicyRevision { get; init; }

    /// <summary>In words.</summary>
    public string? Reason { get; init; }

    /// <summary>What policy has done to the call besides: what is taken out of it, cut off or sent along.</summary>
    public IReadOnlyList<string>? Obligations { get; init; }

    /// <summary>What policies in audit mode would have made of it; absent if the same.</summary>
    public AuditVerdict? IfEnforced { get; init; }

    /// <summary>Who approved or refused.</summary>
    public string? Approver { get; init; }

    /// <summary>SHA-256 of the signed statement.</summary>
    public string? StatementDigest { get; init; }
}

/// <summary>What would have been decided.</summary>
public sealed record AuditVerdict
{
    /// <summary>Allow, Deny, RequireApproval or RequireConfirmation.</summary>
    public string? Decision { get; init; }

    /// <summary>The rule that would decide.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy it stands in.</summary>
    public string? Policy { get; init; }

    /// <summary>In words.</summary>
    public string? Reason { get; init; }
}

/// <summary>The model's side of a model call.</summary>
public sealed record AuditModel
{
    /// <summary>Provider of the ModelConfig.</summary>
    public string? Provider { get; init; }

    /// <summary>Model that was asked for.</summary>
    public string? RequestModel { get; init; }

    /// <summary>Region of the ModelConfig.</summary>
    public string? Region { get; init; }

    /// <summary>Model that answered.</summary>
    public string? ResponseModel { get; init; }

    /// <summary>Tokens read.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens written.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Why the model stopped.</summary>
    public string? FinishReason { get; init; }
}

/// <summary>Where in the workflow.</summary>
public sealed record AuditWhere
{
    /// <summary>The run.</summary>
    public string? RunId { get; init; }

    /// <summary>The conversation.</summary>
    public string? SessionId { get; init; }

    /// <summary>Which call of the run.</summary>
    public long? Step { get; init; }

    /// <summary>Which attempt of the effect.</summary>
    public int? Attempt { get; init; }

    /// <summary>The process that wrote the record.</summary>
    public string? Component { get; init; }

    /// <summary>Its version.</summary>
    public string? ComponentVersion { get; init; }
}

/// <summary>How it ended.</summary>
public sealed record AuditOutcome
{
    /// <summary>State of the call or run.</summary>
    public required string Status { get; init; }

    /// <summary>One word for the kind of error.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What went wrong; no secret.</summary>
    public string? Error { get; init; }

    /// <summary>What policy had the result looked through for, and was found in it: kinds and counts, never the text.</summary>
    public IReadOnlyList<AuditFinding>? Findings { get; init; }

    /// <summary>How long the effect took, in milliseconds.</summary>
    public double? DurationMs { get; init; }
}

/// <summary>Something that was found in a result.</summary>
/// <param name="Kind"><c>Secrets</c>, <c>PersonalData</c> or <c>Injections</c>.</param>
/// <param name="Name">What it is, for example <c>jwt</c>.</param>
/// <param name="Count">How often.</param>
/// <param name="Action"><c>Flag</c>, <c>Redact</c> or <c>Deny</c>.</param>
public sealed record AuditFinding(string Kind, string Name, int Count, string Action);

/// <summary>Which records lost their texts.</summary>
public sealed record AuditRetention
{
    /// <summary>The last of them; all before it, too.</summary>
    public required long Through { get; init; }

    /// <summary>They are older than this (UTC).</summary>
    public required DateTime Before { get; init; }

    /// <summary>What the log's key says about them (a <see cref="Transparency.PruneStatement"/>).</summary>
    public required string Statement { get; init; }
}
