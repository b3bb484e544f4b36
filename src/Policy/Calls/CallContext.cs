using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>All that is known of a call when policy decides on it.</summary>
public sealed record CallContext
{
    /// <summary>What is called.</summary>
    public required CallKind Kind { get; init; }

    /// <summary>Namespace whose policies apply: the agent's; for a call without an agent that of the tool server.</summary>
    public required string Namespace { get; init; }

    /// <summary>Who calls.</summary>
    public required CallPrincipal Principal { get; init; }

    /// <summary>For whom an agent calls, from the run's record.</summary>
    public CallPrincipal? OnBehalfOf { get; init; }

    /// <summary>The agent that calls; absent when a person calls directly.</summary>
    public CallAgent? Agent { get; init; }

    /// <summary>Tool server, for a tool call.</summary>
    public string? Server { get; init; }

    /// <summary>Tool, by its name on the server, for a tool call.</summary>
    public string? Tool { get; init; }

    /// <summary>What the tool does to the world; unknown tools count as <see cref="ToolEffect.Write"/>.</summary>
    public ToolEffect? Effect { get; init; }

    /// <summary>What the server claims about the tool; absent takes the protocol's cautious defaults.</summary>
    public CallAnnotations? Annotations { get; init; }

    /// <summary>Arguments of the tool: a JSON object; absent means none.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>The model, for a model call.</summary>
    public CallModel? Model { get; init; }

    /// <summary>What the agent did before in the same conversation; absent for a person's own call, and where no rule asks for it.</summary>
    public CallSession? Session { get; init; }

    /// <summary>The purses that the call would be paid from, by the key of their budget; absent where no rule asks for them.</summary>
    public IReadOnlyDictionary<string, CallBudget>? Budgets { get; init; }

    /// <summary>When the call arrived.</summary>
    public required DateTimeOffset Time { get; init; }
}
