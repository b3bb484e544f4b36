using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.GatewayApi;

/// <summary>How far an approval is.</summary>
public enum ApprovalState
{
    /// <summary>Nobody has decided yet.</summary>
    Pending,

    /// <summary>Somebody said yes.</summary>
    Approved,

    /// <summary>Somebody said no.</summary>
    Refused,

    /// <summary>Nobody decided in time.</summary>
    Expired,
}

/// <summary>A call that needs an approval.</summary>
public sealed record Approval
{
    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>How far it is.</summary>
    public required ApprovalState State { get; init; }

    /// <summary>Who asks: the agent's or the user's principal name.</summary>
    public required string Principal { get; init; }

    /// <summary>The human the call is for; never an approver of it.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>The run it belongs to.</summary>
    public string? RunId { get; init; }

    /// <summary>Name of the agent that asks.</summary>
    public string? Agent { get; init; }

    /// <summary>Namespace of the call.</summary>
    public required string Namespace { get; init; }

    /// <summary>Tool server; absent for a model call.</summary>
    public string? Server { get; init; }

    /// <summary>Tool, by its name on the server; absent for a model call.</summary>
    public string? Tool { get; init; }

    /// <summary>What the tool does to the world.</summary>
    public ToolEffect? Effect { get; init; }

    /// <summary>The exact arguments: an approver must see what they sign.</summary>
    public JsonObject? Arguments { get; init; }

    /// <summary>SHA-256 of the arguments in canonical JSON, <c>sha256:</c> and 64 hex digits; part of the statement.</summary>
    public required string ArgumentsDigest { get; init; }

    /// <summary>The rule that asks for the approval.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy the rule stands in, <c>namespace/name</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>Users who may approve.</summary>
    public IReadOnlyList<string> ApproverUsers { get; init; } = [];

    /// <summary>Groups whose members may approve.</summary>
    public IReadOnlyList<string> ApproverGroups { get; init; } = [];

    /// <summary>When it was asked for (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when a decision is waited for (UTC).</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Who decided.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When they decided (UTC).</summary>
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>A decision on an approval, signed by the approver.</summary>
/// <param name="Statement">
/// Compact JWS, ES256, header <c>x5c</c> = the approver's client certificate, payload
/// <c>{callId, argumentsDigest, decision: "Approve"|"Refuse", approver, iat, exp}</c>.
/// </param>
public sealed record DecideApprovalRequest(string Statement);
