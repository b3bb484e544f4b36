using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.GatewayApi;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Workflows;

/// <summary>The engine's records as the gateway's API shows them; the command line shows a sidecar's in the same form.</summary>
public static class WorkflowViews
{
    /// <summary>A line of a list.</summary>
    public static WorkflowInstance Of(WorkflowInstanceSummary summary, string? hub) => new()
    {
        InstanceId = summary.InstanceId,
        Name = summary.Name,
        Status = summary.Status.ToString(),
        Hub = hub,
        CreatedAt = summary.CreatedAt,
        LastUpdatedAt = summary.LastUpdatedAt,
        CompletedAt = summary.CompletedAt,
        ParentInstanceId = summary.ParentInstanceId,
    };

    /// <summary>One instance with its payloads.</summary>
    public static WorkflowInstance Of(string instanceId, WorkflowState state, string? hub) => new()
    {
        InstanceId = instanceId,
        Name = state.WorkflowName ?? "",
        Status = state.RuntimeStatus.ToString(),
        Hub = hub,
        CreatedAt = state.CreatedAt,
        LastUpdatedAt = state.LastUpdatedAt,
        CompletedAt = state.IsWorkflowCompleted ? state.LastUpdatedAt : null,
        Input = Json(state.ReadInputAs<JsonNode>),
        Output = Json(state.ReadOutputAs<JsonNode>),
        CustomStatus = Json(state.ReadCustomStatusAs<JsonNode>),
        Failure = state.FailureDetails is { } failure ? $"{failure.ErrorType}: {failure.ErrorMessage}" : null,
    };

    /// <summary>A line of a history.</summary>
    public static WorkflowHistoryLine Of(TimelineEntry entry) => new(
        entry.Time, entry.EventId, entry.Kind.ToString(), entry.Name, entry.Step, Json(() => entry.Payload is { } text ? JsonNode.Parse(text) : null) ?? Text(entry.Payload), entry.Failure, entry.Took?.TotalMilliseconds);

    /// <summary>A filter as the engine takes it.</summary>
    /// <exception cref="FormatException">There is no such state; names those that there are.</exception>
    public static InstanceQuery Query(WorkflowFilter filter) => new()
    {
        Statuses = [.. filter.Statuses.Select(StatusOf)],
        Name = filter.Name,
        IdPrefix = filter.IdPrefix,
        CreatedFrom = filter.CreatedFrom,
        CreatedTo = filter.CreatedTo,
        PageSize = Math.Clamp(filter.Limit, 1, WorkflowFilter.MostListed),
    };

    /// <summary>What a purge means, as the engine takes it.</summary>
    /// <exception cref="FormatException">There is no such state; names those that there are.</exception>
    public static InstancePurgeFilter Purge(WorkflowFilter filter, bool force) => new()
    {
        Statuses = [.. filter.Statuses.Select(StatusOf)],
        CreatedFrom = filter.CreatedFrom,
        CreatedTo = filter.CreatedTo,
        Force = force,
    };

    private static WorkflowRuntimeStatus StatusOf(string text) =>
        Enum.TryParse<WorkflowRuntimeStatus>(text, ignoreCase: true, out var status) && Enum.IsDefined(status) && status != WorkflowRuntimeStatus.Unknown
            ? status
            : throw new FormatException($"'{text}' is no state of a workflow; use {string.Join(", ", Enum.GetValues<WorkflowRuntimeStatus>().Where(s => s != WorkflowRuntimeStatus.Unknown))}");

    // Clients of other languages may have sent what is no JSON.
    private static JsonNode? Json(Func<JsonNode?> read)
    {
        try
        {
            return read();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonValue? Text(string? payload) => string.IsNullOrEmpty(payload) || payload == "null" ? null : JsonValue.Create(payload);
}
