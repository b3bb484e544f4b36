using Castellan.GatewayApi;

namespace Castellan.Cli.Workflows;

/// <summary>Orchestrations to look after: those of the local system, through its gateway, or one hub of a sidecar.</summary>
internal interface IWorkflowAccess : IDisposable
{
    Task<IReadOnlyList<WorkflowInstance>> ListAsync(WorkflowFilter filter, CancellationToken ct);

    Task<WorkflowInstance> GetAsync(string instanceId, CancellationToken ct);

    Task<IReadOnlyList<WorkflowHistoryLine>> HistoryAsync(string instanceId, CancellationToken ct);

    /// <summary>Terminates, suspends, resumes, raises an event on, or reruns an instance.</summary>
    Task<WorkflowActionResult> ActAsync(string instanceId, WorkflowVerb verb, WorkflowAction action, CancellationToken ct);

    Task<WorkflowActionResult> PurgeAsync(WorkflowPurge purge, CancellationToken ct);
}
