using Castellan.AgentGateway.Calls;
using Castellan.GatewayApi;
using Castellan.Telemetry;

namespace Castellan.AgentGateway.Tracing;

/// <summary>
/// The one table that says which attribute holds which field of a call. What is not here is in no span: no text, no name of a
/// person; arguments and results of tools only where <see cref="Telemetry.Tracing.ContentCapture"/> is on.
/// </summary>
internal static class CallAttributes
{
    /// <summary>What is known when a call is accepted.</summary>
    internal static IReadOnlyList<(string Name, Func<CallSpec, object?> Value)> OfSpec { get; } =
    [
        (SemanticNames.Operation, OperationOf),
        (SemanticNames.CallId, spec => spec.CallId),
        (SemanticNames.CallKind, spec => spec.Kind.ToString()),
        (SemanticNames.Namespace, spec => spec.Namespace),
        (SemanticNames.ToolName, spec => spec.Tool?.Name),
        (SemanticNames.ToolType, spec => spec.Tool is null ? null : "function"),
        (SemanticNames.ToolCallId, spec => spec.Tool is null ? null : spec.CallId),
        (SemanticNames.ToolServer, spec => spec.Tool?.Server),
        (SemanticNames.CallEffect, spec => spec.Tool?.Effect.ToString()),
        (SemanticNames.Model, spec => spec.ModelName),
        (SemanticNames.AgentName, spec => spec.Principal.Agent),
        (SemanticNames.AgentId, spec => spec.Principal.Agent is { } agent ? $"{spec.Principal.Namespace}/{agent}" : null),
        (SemanticNames.AgentVersion, spec => spec.Run?.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        (SemanticNames.ConversationId, spec => spec.Run?.SessionId),
        (SemanticNames.RunId, spec => spec.Run?.RunId),
        (SemanticNames.CallSequence, spec => spec.Run?.Sequence),
        (SemanticNames.Decision, spec => spec.Decision.Effect.ToString()),
        (SemanticNames.Policy, spec => spec.Decision.Policy),
        (SemanticNames.Rule, spec => spec.Decision.Rule),
        (SemanticNames.PolicyRevision, spec => spec.Decision.Revision),
    ];

    /// <summary>What is known when it has ended.</summary>
    internal static IReadOnlyList<(string Name, Func<CallResult, object?> Value)> OfResult { get; } =
    [
        (SemanticNames.CallState, result => result.State.ToString()),
        (SemanticNames.CallAttempt, result => result.Attempt > 0 ? result.Attempt : null),
        (SemanticNames.ResponseModel, result => result.Response?.ModelId),
        (SemanticNames.FinishReasons, result => result.Response?.FinishReason is { } reason ? new[] { reason.Value } : null),
        (SemanticNames.InputTokens, result => result.Response?.Usage?.InputTokenCount),
        (SemanticNames.OutputTokens, result => result.Response?.Usage?.OutputTokenCount),
    ];

    internal static string OperationOf(CallSpec spec) => spec.Kind == CallKind.Model ? "chat" : "execute_tool";

    /// <summary>What a call is about: the model or the tool.</summary>
    internal static string TargetOf(CallSpec spec) => spec.Kind == CallKind.Model ? spec.ModelName! : $"{spec.Tool!.Server}__{spec.Tool.Name}";

    /// <summary>One word of a small set for how a call failed; null when it did not.</summary>
    internal static string? ErrorOf(CallResult result) => result switch
    {
        { State: CallState.Completed, Content.IsError: true } => "tool_error",
        { State: CallState.Completed } => null,
        { State: CallState.OutcomeUnknown } => "outcome_unknown",
        _ => result.State.ToString().ToLowerInvariant(),
    };
}
