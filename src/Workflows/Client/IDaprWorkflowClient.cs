using Castellan.Workflows.Client;

namespace Castellan.Workflows;

/// <summary>Starts, watches and steers orchestrations of one hub. <see cref="DaprWorkflowClient"/> says what each method does.</summary>
public interface IDaprWorkflowClient : IAsyncDisposable
{
    /// <inheritdoc cref="DaprWorkflowClient.ScheduleNewWorkflowAsync(string, string?, object?)"/>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null);

    /// <inheritdoc cref="DaprWorkflowClient.ScheduleNewWorkflowAsync(string, string?, object?, DateTime?)"/>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime);

    /// <inheritdoc cref="DaprWorkflowClient.ScheduleNewWorkflowAsync(string, string?, object?, DateTimeOffset?, CancellationToken)"/>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.GetWorkflowStateAsync"/>
    Task<WorkflowState> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.WaitForWorkflowStartAsync"/>
    Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.WaitForWorkflowCompletionAsync"/>
    Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.RaiseEventAsync"/>
    Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.TerminateWorkflowAsync"/>
    Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.SuspendWorkflowAsync"/>
    Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.ResumeWorkflowAsync"/>
    Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.PurgeInstanceAsync"/>
    Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.ListInstanceIdsAsync"/>
    Task<WorkflowInstancePage> ListInstanceIdsAsync(string? continuationToken = null, int? pageSize = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.GetInstanceHistoryAsync"/>
    Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default);

    /// <inheritdoc cref="DaprWorkflowClient.RerunWorkflowFromEventAsync"/>
    Task<string> RerunWorkflowFromEventAsync(string sourceInstanceId, uint eventId, RerunWorkflowFromEventOptions? options = null,
        CancellationToken cancellation = default);
}
