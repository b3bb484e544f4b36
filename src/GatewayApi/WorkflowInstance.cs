using System.Text.Json.Nodes;

namespace Castellan.GatewayApi;

/// <summary>One orchestration, as whoever looks after workflows sees it.</summary>
public sealed record WorkflowInstance
{
    /// <summary>Unique in its hub. A run's instance has the run's id, a call's instance the call's.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Registered name of the orchestration.</summary>
    public required string Name { get; init; }

    /// <summary>Running, Completed, ContinuedAsNew, Failed, Canceled, Terminated, Pending, Suspended or Stalled.</summary>
    public required string Status { get; init; }

    /// <summary>The hub it lives in: the SPIFFE ID of an agent, or <c>gateway</c>; null at a sidecar, where the token chooses the hub.</summary>
    public string? Hub { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset LastUpdatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Whose child it is.</summary>
    public string? ParentInstanceId { get; init; }

    /// <summary>What it was started with; absent in lists.</summary>
    public JsonNode? Input { get; init; }

    /// <summary>What it returned; absent in lists.</summary>
    public JsonNode? Output { get; init; }

    /// <summary>What it says of itself; absent in lists.</summary>
    public JsonNode? CustomStatus { get; init; }

    /// <summary>Why it failed; absent in lists.</summary>
    public string? Failure { get; init; }
}

/// <summary>One line of an orchestration's history.</summary>
/// <param name="Time">When.</param>
/// <param name="EventId">Number of the step it records; -1 for what came from outside.</param>
/// <param name="Kind">What happened, in the protocol's words: TaskScheduled, TaskCompleted, TimerFired and so on.</param>
/// <param name="Name">Of the orchestration, activity, child or event.</param>
/// <param name="Step">The step it belongs to.</param>
/// <param name="Payload">What came with it.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="TookMs">For an answer, the time since it was asked for, in milliseconds.</param>
public sealed record WorkflowHistoryLine(DateTimeOffset Time, int EventId, string Kind, string Name, int? Step, JsonNode? Payload, string? Failure, double? TookMs);

/// <summary>Which orchestrations are meant; every condition that is set must hold.</summary>
public sealed record WorkflowFilter
{
    /// <summary>Most orchestrations that one answer lists.</summary>
    public const int MostListed = 1000;

    /// <summary>Only this hub; null for all that the caller may see.</summary>
    public string? Hub { get; init; }

    /// <summary>Only these states; empty for all.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>Only orchestrations of this registered name.</summary>
    public string? Name { get; init; }

    /// <summary>Only ids that begin with this.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>Only those accepted at or after this.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Only those accepted at or before this.</summary>
    public DateTimeOffset? CreatedTo { get; init; }

    /// <summary>Most of them, 1 to <see cref="MostListed"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>What is done to one orchestration.</summary>
/// <param name="Reason">Why; kept in its history. For an event, its name.</param>
/// <param name="Payload">What an event carries.</param>
/// <param name="Step">The step to run again from.</param>
/// <param name="NewInstanceId">Id of the repetition; null makes one.</param>
public sealed record WorkflowAction(string? Reason = null, JsonNode? Payload = null, uint? Step = null, string? NewInstanceId = null);

/// <summary>What is to be removed: one ended orchestration, or all ended ones that a filter means.</summary>
/// <param name="InstanceId">The one; null takes the filter.</param>
/// <param name="Filter">Which of a hub's; only states and times count.</param>
/// <param name="Force">Also what has not ended.</param>
public sealed record WorkflowPurge(string? InstanceId, WorkflowFilter? Filter, bool Force = false);

/// <summary>What an action came to.</summary>
/// <param name="Count">How many orchestrations were removed, for a purge.</param>
/// <param name="InstanceId">The repetition, for a rerun.</param>
public sealed record WorkflowActionResult(int Count = 0, string? InstanceId = null);
