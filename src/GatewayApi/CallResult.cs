using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Microsoft.Extensions.AI;

namespace Castellan.GatewayApi;

/// <summary>How far a call is.</summary>
public enum CallState
{
    /// <summary>Accepted and on its way.</summary>
    Running,

    /// <summary>Waits for an approval; answered with 202.</summary>
    AwaitingApproval,

    /// <summary>Done; the result is there. A tool may still have reported an error of its own (<see cref="ToolContent.IsError"/>).</summary>
    Completed,

    /// <summary>The tool server or the model could not be reached, or answered with a protocol error. Nothing is known to have happened.</summary>
    Failed,

    /// <summary>Policy does not allow it.</summary>
    Denied,

    /// <summary>An approver said no.</summary>
    Refused,

    /// <summary>Nobody decided in time.</summary>
    Expired,

    /// <summary>A crash cut the call off after it was sent; whether it took effect is unknown and it is not repeated.</summary>
    OutcomeUnknown,

    /// <summary>It took effect, but policy withholds the result because of what was found in it.</summary>
    Withheld,
}

/// <summary>What became of a call.</summary>
public sealed record CallResult
{
    /// <summary>Prefix of the event that ends a wait: <c>call:</c> and the call id; the payload is this record.</summary>
    public const string EventPrefix = "call:";

    /// <summary>Identity of the call, as approvals and the audit log name it.</summary>
    public required string CallId { get; init; }

    /// <summary>How far it is.</summary>
    public required CallState State { get; init; }

    /// <summary>For people and models: why it is in this state, and what to do.</summary>
    public string? Message { get; init; }

    /// <summary>The model's response, for a model call.</summary>
    public ChatResponse? Response { get; init; }

    /// <summary>The tool's result, for a tool call.</summary>
    public ToolContent? Content { get; init; }

    /// <summary>The error that the tool server answered with, when it refused the request as such.</summary>
    public ToolServerError? Error { get; init; }

    /// <summary>What policy had the result looked through for, and was found in it; null when nothing.</summary>
    public IReadOnlyList<ResultFinding>? Findings { get; init; }

    /// <summary>What the tool does to the world.</summary>
    public ToolEffect? Effect { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy the rule stands in, <c>namespace/name</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>Which attempt gave this result; 0 when there was none.</summary>
    public int Attempt { get; init; }

    /// <summary>
    /// True when a call that failed used nothing: it was not sent, or the model's provider refused it. Budgets get back what was held back.
    /// </summary>
    public bool? Unspent { get; init; }

    /// <summary>How long the effect took, in milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>True once nothing will change any more.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool Ended => State is not (CallState.Running or CallState.AwaitingApproval);
}

/// <summary>What a tool returned.</summary>
/// <param name="Text">All text parts, joined by line breaks.</param>
/// <param name="Data">The structured content, if the tool gave any.</param>
/// <param name="IsError">The tool says that it failed; the text says why.</param>
/// <param name="Blocks">The MCP content blocks as the server sent them, when they hold more than text.</param>
public sealed record ToolContent(string Text, JsonElement? Data = null, bool IsError = false, JsonElement? Blocks = null)
{
    /// <summary>
    /// The MCP result that asks the client for something and ends this round, as the server sent it (<c>inputRequests</c>,
    /// <c>requestState</c>); only clients that declare that they can answer get one.
    /// </summary>
    public JsonElement? InputRequired { get; init; }
}

/// <summary>Something that was found in a result.</summary>
/// <param name="Kind"><c>Secrets</c>, <c>PersonalData</c> or <c>Injections</c>.</param>
/// <param name="Name">What it is, for example <c>jwt</c>.</param>
/// <param name="Count">How often.</param>
/// <param name="Action">What became of it.</param>
public sealed record ResultFinding(string Kind, string Name, int Count, FindingAction Action)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Count} {Name} ({Action switch { FindingAction.Flag => "flagged", FindingAction.Redact => "redacted", _ => "withheld" }})";
}

/// <summary>A JSON-RPC error of a tool server.</summary>
/// <param name="Code">The error's code.</param>
/// <param name="Message">What the server says.</param>
/// <param name="Data">What it adds for programs.</param>
public sealed record ToolServerError(int Code, string Message, JsonElement? Data = null);
