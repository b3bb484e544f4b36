using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Policies;

/// <summary>What is asked of policy about one call.</summary>
internal sealed record PolicyQuestion
{
    public required CallKind Kind { get; init; }

    public required Principal Principal { get; init; }

    public required string OnBehalfOf { get; init; }

    /// <summary>Groups of that human when the run was started.</summary>
    public IReadOnlyList<string> OnBehalfOfGroups { get; init; } = [];

    public required string Namespace { get; init; }

    /// <summary>Tool server, for tool calls.</summary>
    public string? Server { get; init; }

    public string? Tool { get; init; }

    public ToolEffect? Effect { get; init; }

    /// <summary>What the server claims about the tool.</summary>
    public Policy.CallAnnotations? Annotations { get; init; }

    public JsonObject? Arguments { get; init; }

    /// <summary>Name of the ModelConfig, for model calls.</summary>
    public string? Model { get; init; }

    /// <summary>Generation of the Agent the run was started with, for calls of a run.</summary>
    public long? Revision { get; init; }

    /// <summary>The call, if it has an id already; what is counted before it leaves it out.</summary>
    public string? CallId { get; init; }

    /// <summary>The conversation, for calls of a run.</summary>
    public string? SessionId { get; init; }

    /// <summary>What happened in it before; null until it was read.</summary>
    public SessionUse? Session { get; init; }

    /// <summary>What budgets hold back for the call already, once it was accepted.</summary>
    public Budgets.CallCharge? Charge { get; init; }

    /// <summary>How the purses stand from which it is paid; null until they were read.</summary>
    public IReadOnlyDictionary<string, Castellan.Policy.CallBudget>? Budgets { get; init; }

    /// <summary>The Agent's own spec asks for an approval of this tool.</summary>
    public bool AgentAsksForApproval { get; init; }

    /// <summary>The same question about a call that was accepted earlier.</summary>
    internal static PolicyQuestion Of(CallSpec spec) => new()
    {
        Kind = spec.Kind,
        Principal = spec.Principal,
        OnBehalfOf = spec.OnBehalfOf,
        OnBehalfOfGroups = spec.OnBehalfOfGroups,
        Namespace = spec.Namespace,
        Server = spec.Tool?.Server,
        Tool = spec.Tool?.Name,
        Effect = spec.Tool?.Effect,
        Annotations = spec.Tool?.Annotations,
        Arguments = spec.Tool?.Arguments,
        Model = spec.ModelName,
        Revision = spec.Run?.Revision,
        CallId = spec.CallId,
        SessionId = spec.Run?.SessionId,
        Charge = spec.Charge,
        AgentAsksForApproval = spec.Decision.Demands.Any(demand => demand.Rule is null),
    };
}
