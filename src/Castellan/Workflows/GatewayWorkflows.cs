using System.CommandLine;
using Castellan.Cli.Access;
using Castellan.GatewayApi;

namespace Castellan.Cli.Workflows;

/// <summary>The workflows of the local system, through its gateway: agents' runs and, to look at, the gateway's own calls.</summary>
internal sealed class GatewayWorkflows(ParseResult parsed, string? hub) : IWorkflowAccess
{
    private readonly GatewayAccess _gateway = GatewayAccess.Open(parsed);

    public Task<IReadOnlyList<WorkflowInstance>> ListAsync(WorkflowFilter filter, CancellationToken ct) => _gateway.Client.ListWorkflowsAsync(filter, ct);

    public Task<WorkflowInstance> GetAsync(string instanceId, CancellationToken ct) => _gateway.Client.GetWorkflowAsync(instanceId, hub, ct);

    public Task<IReadOnlyList<WorkflowHistoryLine>> HistoryAsync(string instanceId, CancellationToken ct) => _gateway.Client.GetWorkflowHistoryAsync(instanceId, hub, ct);

    public Task<WorkflowActionResult> ActAsync(string instanceId, WorkflowVerb verb, WorkflowAction action, CancellationToken ct) =>
        _gateway.Client.ActOnWorkflowAsync(instanceId, hub, verb, action, ct);

    public Task<WorkflowActionResult> PurgeAsync(WorkflowPurge purge, CancellationToken ct) => _gateway.Client.PurgeWorkflowsAsync(purge, hub, ct);

    public void Dispose() => _gateway.Dispose();
}
