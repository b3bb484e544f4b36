namespace Castellan.GatewayApi;

public sealed partial class GatewayClient
{
    /// <summary>Lists orchestrations, the newest first.</summary>
    public async Task<IReadOnlyList<WorkflowInstance>> ListWorkflowsAsync(WorkflowFilter filter, CancellationToken ct) =>
        (await SendAsync<ItemList<WorkflowInstance>>(HttpMethod.Post, "/v1/workflows/query", filter, ct).ConfigureAwait(false)).Items;

    /// <summary>Reads an orchestration with its payloads.</summary>
    /// <param name="instanceId">The orchestration.</param>
    /// <param name="hub">Where it lives; null searches.</param>
    /// <param name="ct">Ends the request.</param>
    public Task<WorkflowInstance> GetWorkflowAsync(string instanceId, string? hub, CancellationToken ct) =>
        SendAsync<WorkflowInstance>(HttpMethod.Get, $"/v1/workflows/{Escape(instanceId)}{In(hub)}", null, ct);

    /// <summary>Reads the history of an orchestration.</summary>
    /// <inheritdoc cref="GetWorkflowAsync"/>
    public async Task<IReadOnlyList<WorkflowHistoryLine>> GetWorkflowHistoryAsync(string instanceId, string? hub, CancellationToken ct) =>
        (await SendAsync<ItemList<WorkflowHistoryLine>>(HttpMethod.Get, $"/v1/workflows/{Escape(instanceId)}/history{In(hub)}", null, ct).ConfigureAwait(false)).Items;

    /// <summary>Does something to an orchestration.</summary>
    /// <param name="instanceId">The orchestration.</param>
    /// <param name="hub">Where it lives; null searches.</param>
    /// <param name="verb">What is done.</param>
    /// <param name="action">With what.</param>
    /// <param name="ct">Ends the request.</param>
    public Task<WorkflowActionResult> ActOnWorkflowAsync(string instanceId, string? hub, WorkflowVerb verb, WorkflowAction action, CancellationToken ct) =>
        SendAsync<WorkflowActionResult>(HttpMethod.Post, $"/v1/workflows/{Escape(instanceId)}/actions/{verb}{In(hub)}", action, ct);

    /// <summary>Removes ended orchestrations.</summary>
    /// <param name="purge">Which.</param>
    /// <param name="hub">In which hub; needed for a filter.</param>
    /// <param name="ct">Ends the request.</param>
    public Task<WorkflowActionResult> PurgeWorkflowsAsync(WorkflowPurge purge, string? hub, CancellationToken ct) =>
        SendAsync<WorkflowActionResult>(HttpMethod.Post, $"/v1/workflows/purge{In(hub)}", purge, ct);

    private static string In(string? hub) => hub is null ? "" : $"?hub={Escape(hub)}";
}
