using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.GatewayApi;

/// <summary>What happened in a run.</summary>
public enum RunEventType
{
    /// <summary>The run was accepted.</summary>
    RunStarted,

    /// <summary>A model turn was asked for.</summary>
    TurnStarted,

    /// <summary>The model answered; <c>text</c> holds what it said, if anything.</summary>
    ModelCompleted,

    /// <summary>Policy decided on a call.</summary>
    CallDecided,

    /// <summary>A call waits for an approval.</summary>
    ApprovalRequested,

    /// <summary>A call was approved.</summary>
    CallApproved,

    /// <summary>A call was refused by an approver, or nobody decided in time.</summary>
    CallRefused,

    /// <summary>A call ended; <c>state</c> says how.</summary>
    CallCompleted,

    /// <summary>The run ended; nothing follows.</summary>
    RunCompleted,
}

/// <summary>One event of a run, in the order in which the gateway recorded it.</summary>
public sealed record RunEvent
{
    /// <summary>1, 2, 3 … within the run.</summary>
    public long Sequence { get; init; }

    /// <summary>When it was recorded (UTC).</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What happened.</summary>
    public required RunEventType Type { get; init; }

    /// <summary>The call it is about.</summary>
    public string? CallId { get; init; }

    /// <summary>Kind of the call.</summary>
    public CallKind? Kind { get; init; }

    /// <summary>Tool server of the call.</summary>
    public string? Server { get; init; }

    /// <summary>Tool of the call, by its name on the server.</summary>
    public string? Tool { get; init; }

    /// <summary>Arguments of the call, with the values of keys that look secret replaced.</summary>
    public JsonObject? Arguments { get; init; }

    /// <summary>What the tool does to the world.</summary>
    public ToolEffect? Effect { get; init; }

    /// <summary>What policy decided.</summary>
    public DecisionEffect? Decision { get; init; }

    /// <summary>When an approval was asked for: <c>Approval</c>, <c>Confirmation</c> or both.</summary>
    public IReadOnlyList<string>? Needs { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy the rule stands in, <c>namespace/name</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>How the call or the run ended: a <see cref="CallState"/> or a <see cref="RunState"/> by name.</summary>
    public string? State { get; init; }

    /// <summary>Which attempt of the effect this was; 2 and more only after a crash.</summary>
    public int? Attempt { get; init; }

    /// <summary>How long the call or turn took, in milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>One line for people.</summary>
    public string? Summary { get; init; }

    /// <summary>Text of the model, or the answer of the run.</summary>
    public string? Text { get; init; }

    /// <summary>What policy had the result looked through for, and was found in it, one line for each.</summary>
    public IReadOnlyList<string>? Findings { get; init; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; init; }
}

/// <summary>What policy said about a call.</summary>
public enum DecisionEffect
{
    /// <summary>It may happen.</summary>
    Allow,

    /// <summary>It may not happen.</summary>
    Deny,

    /// <summary>It may happen once another principal approved exactly this call.</summary>
    RequireApproval,

    /// <summary>It may happen once the person it is for confirmed exactly this call.</summary>
    RequireConfirmation,
}
