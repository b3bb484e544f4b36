using System.Text.Json;
using Castellan.Telemetry.Tracing;
using Microsoft.Extensions.AI;

namespace Castellan.GatewayApi;

/// <summary>
/// The input of orchestration <c>AgentRun</c>: everything a run was started with. It is pinned, so that a change of the Agent
/// never breaks a replay.
/// </summary>
public sealed record RunInput
{
    /// <summary>Name under which the agent's worker registers the orchestration.</summary>
    public const string Orchestration = AgentApi.Workloads.WorkloadNames.RunOrchestration;

    /// <summary>Identity of the run; equals the instance id.</summary>
    public required string RunId { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public required string SessionId { get; init; }

    /// <summary>Name of the agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Namespace of the agent.</summary>
    public required string Namespace { get; init; }

    /// <summary>Generation of the Agent that the run was started with.</summary>
    public required long Revision { get; init; }

    /// <summary>System prompt.</summary>
    public required string Instructions { get; init; }

    /// <summary>Name of the ModelConfig.</summary>
    public required string Model { get; init; }

    /// <summary>Tools that the agent may ask for, by the names it sees: <c>server__tool</c>.</summary>
    public required IReadOnlyList<ToolDescription> Tools { get; init; }

    /// <summary>Bounds of the run.</summary>
    public required RunLimits Limits { get; init; }

    /// <summary>Earlier messages of the session, oldest first.</summary>
    public required IReadOnlyList<ChatMessage> History { get; init; }

    /// <summary>What the user says now.</summary>
    public required string Message { get; init; }

    /// <summary>The human on whose behalf the run acts.</summary>
    public required string OnBehalfOf { get; init; }

    /// <summary>The trace that the run belongs to; null when nobody traces.</summary>
    public RunTrace? Trace { get; init; }
}

/// <summary>Where a run stands in its trace.</summary>
/// <param name="Run">The run's own span: the parent of everything it does.</param>
/// <param name="Caller">The span that started it; null when the gateway records no spans and only passes the caller's trace on.</param>
public sealed record RunTrace(PinnedTrace Run, PinnedTrace? Caller);

/// <summary>The output of orchestration <c>AgentRun</c>.</summary>
/// <param name="Answer">The final answer; null when the run failed.</param>
/// <param name="Error">Why the run ended without an answer, for example the limit that was reached.</param>
/// <param name="Turns">Model turns taken.</param>
public sealed record RunOutput(string? Answer, string? Error, int Turns);

/// <summary>Bounds of a run; see AgentLimits for their meaning.</summary>
/// <param name="MaxTurns">Most model turns.</param>
/// <param name="TimeoutSeconds">Most seconds.</param>
/// <param name="MaxParallelCalls">Most tool calls in flight at once.</param>
public sealed record RunLimits(int MaxTurns = 20, int TimeoutSeconds = 86400, int MaxParallelCalls = 4);

/// <summary>A tool as a model sees it.</summary>
/// <param name="Name">Name, <c>server__tool</c>.</param>
/// <param name="Description">What it does.</param>
/// <param name="InputSchema">JSON Schema of its arguments.</param>
public sealed record ToolDescription(string Name, string? Description, JsonElement InputSchema)
{
    /// <summary>The same tool as a declaration for an <see cref="IChatClient"/>.</summary>
    public AIFunctionDeclaration ToDeclaration() => AIFunctionFactory.CreateDeclaration(Name, Description, InputSchema);

    /// <summary>Describes a declaration.</summary>
    public static ToolDescription Of(AIFunctionDeclaration tool) => new(tool.Name, tool.Description, tool.JsonSchema);
}
