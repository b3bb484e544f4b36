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

/// <summary>A call that needs an approval or a confirmation.</summary>
public sealed record Approval
{
    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>How far it is.</summary>
    public required ApprovalState State { get; init; }

    /// <summary>Who asks: the agent's or the user's principal name.</summary>
    public required string Principal { get; init; }

    /// <summary>The human the call is for: alone may confirm it, and never approves it.</summary>
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

    /// <summary>What has to be said before it passes; all of it.</summary>
    public IReadOnlyList<ApprovalDemand> Demands { get; init; } = [];

    /// <summary>In the answer to a decision that was not the last: what is still needed, for people.</summary>
    public string? StillNeeded { get; init; }

    /// <summary>What was said so far.</summary>
    public IReadOnlyList<ApprovalVote> Votes { get; init; } = [];

    /// <summary>When it was asked for (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when a decision is waited for (UTC).</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Who decided: those who said yes, or the one who said no.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When they decided (UTC).</summary>
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>What one rule wants said before a call passes.</summary>
public sealed record ApprovalDemand
{
    /// <summary><c>Approval</c>: by others than those who asked; <c>Confirmation</c>: by the person the call is for.</summary>
    public required string Kind { get; init; }

    /// <summary>The rule that asks; absent when the agent's own spec does.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy the rule stands in.</summary>
    public string? Policy { get; init; }

    /// <summary>Users who may say it.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Groups whose members may say it.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>CEL condition over the approver, which must hold besides.</summary>
    public string? When { get; init; }

    /// <summary>How many different people have to say yes.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>One line for people, for example <c>2 of group dba</c>.</summary>
    public override string ToString()
    {
        var named = string.Join(", ", Users.Concat(Groups.Select(g => $"group {g}")));
        var who = (Kind, named) switch
        {
            ("Confirmation", _) => "the person it is for",
            (_, "") => "somebody",
            _ => named,
        };
        return (Quorum > 1 ? $"{Quorum} of {who}" : who) + (When is null ? "" : $" where {When}");
    }
}

/// <summary>What somebody said on a call.</summary>
/// <param name="By">Who.</param>
/// <param name="Verdict"><c>Approve</c> or <c>Refuse</c>.</param>
/// <param name="At">When (UTC).</param>
public sealed record ApprovalVote(string By, string Verdict, DateTimeOffset At);

/// <summary>A decision on an approval, signed by the approver.</summary>
/// <param name="Statement">
/// Compact JWS, ES256, header <c>x5c</c> = the approver's client certificate, payload
/// <c>{callId, argumentsDigest, decision: "Approve"|"Refuse", approver, iat, exp}</c>.
/// </param>
public sealed record DecideApprovalRequest(string Statement);
