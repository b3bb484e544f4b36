using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Castellan.Telemetry.Tracing;

namespace Castellan.AgentGateway.Calls;

/// <summary>Everything that is known about a call when it is accepted; pinned, and never computed again.</summary>
internal sealed record CallSpec
{
    public required string CallId { get; init; }

    public required CallKind Kind { get; init; }

    public required Principal Principal { get; init; }

    /// <summary>The human the call is for: the run's user, or the caller themselves.</summary>
    public required string OnBehalfOf { get; init; }

    /// <summary>Groups of that human when the run was started.</summary>
    public IReadOnlyList<string> OnBehalfOfGroups { get; init; } = [];

    /// <summary>When the login of that human ends; null when the cluster gave it no end.</summary>
    public DateTimeOffset? LoginExpiresAt { get; init; }

    /// <summary>Namespace of the tool server or the model.</summary>
    public required string Namespace { get; init; }

    /// <summary>The run, for calls that an agent makes.</summary>
    public CallRun? Run { get; init; }

    /// <summary>The tool, for tool calls.</summary>
    public CallTool? Tool { get; init; }

    /// <summary>The model call, for model calls.</summary>
    public ModelCall? Model { get; init; }

    /// <summary>Name of the ModelConfig, for model calls.</summary>
    public string? ModelName { get; init; }

    /// <summary>Region of the model when policy decided; null when its ModelConfig names none.</summary>
    public string? ModelRegion { get; init; }

    /// <summary>Digest of the arguments (tool) or of messages and tools (model) in canonical JSON: of what runs, and is approved.</summary>
    public required string ArgumentsDigest { get; init; }

    /// <summary>Digest of the arguments as they were asked for, where policy had something taken out of them; null where they are the same.</summary>
    public string? AskedDigest { get; init; }

    /// <summary>The same request has the same: tells a repeated request from another under the same identity.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string RequestDigest => AskedDigest ?? ArgumentsDigest;

    /// <summary>What policy said.</summary>
    public required CallDecision Decision { get; init; }

    /// <summary>What budgets hold back for it; null if none is about it.</summary>
    public Budgets.CallCharge? Charge { get; init; }

    /// <summary>Address the request came from.</summary>
    public string? SourceIp { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The trace that the call belongs to: the span of who asked for it; null when nobody traces.</summary>
    public PinnedTrace? Trace { get; init; }
}

/// <summary>The run a call belongs to.</summary>
/// <param name="RunId">The run.</param>
/// <param name="SessionId">Its conversation.</param>
/// <param name="Sequence">Which call of the run.</param>
/// <param name="Revision">Generation of the Agent the run was started with.</param>
internal sealed record CallRun(string RunId, string SessionId, long Sequence, long Revision);

/// <summary>The tool of a call as it was discovered.</summary>
internal sealed record CallTool
{
    /// <summary>Name of the ToolServer.</summary>
    public required string Server { get; init; }

    /// <summary>Name on the server.</summary>
    public required string Name { get; init; }

    /// <summary>Digest of its definition.</summary>
    public required string Digest { get; init; }

    public required ToolEffect Effect { get; init; }

    /// <summary>What its server claimed about it.</summary>
    public Policy.CallAnnotations? Annotations { get; init; }

    public required JsonObject Arguments { get; init; }

    /// <summary>The MCP method, for requests other than <c>tools/call</c>: then <see cref="Arguments"/> are its parameters.</summary>
    public string? Method { get; init; }

    /// <summary>
    /// What the client answered to the server's questions of an earlier round, <c>inputResponses</c> and <c>requestState</c> (MCP
    /// 2026-07-28, SEP-2322); null in a first round.
    /// </summary>
    public JsonObject? Answers { get; init; }
}

/// <summary>What policy said about a call when it was accepted.</summary>
internal sealed record CallDecision
{
    public required DecisionEffect Effect { get; init; }

    public string? Rule { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public string? Policy { get; init; }

    public required string Reason { get; init; }

    /// <summary>Digest of the policies that decided.</summary>
    public required string Revision { get; init; }

    /// <summary>What people have to say before the call passes; all of it.</summary>
    public IReadOnlyList<Policy.ApprovalDemand> Demands { get; init; } = [];

    /// <summary>Until when that is waited for.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What happens to the call besides, when it passes.</summary>
    public Policy.Obligations? Obligations { get; init; }

    /// <summary>What policies in audit mode would have changed; null if nothing.</summary>
    public CallVerdict? IfEnforced { get; init; }

    /// <summary>How many calls the session had had, if a rule looked at them: the decision holds for as long as that is so.</summary>
    public long? SessionBefore { get; init; }
}

/// <summary>What would have been decided.</summary>
/// <param name="Effect">What would happen to the call.</param>
/// <param name="Rule">The rule that would decide.</param>
/// <param name="Policy">Its policy.</param>
/// <param name="Reason">Why, for people.</param>
internal sealed record CallVerdict(DecisionEffect Effect, string? Rule, string? Policy, string Reason);
