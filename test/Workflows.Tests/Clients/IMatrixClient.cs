namespace Castellan.Workflows.Tests.Clients;

/// <summary>A client of the matrix: ours, or an official package in a process of its own. Errors are <see cref="Rpc.RpcException"/>s.</summary>
internal interface IMatrixClient : IAsyncDisposable
{
    /// <summary>Whether its terminate can reach the children.</summary>
    bool TerminatesChildren { get; }

    Task ScheduleAsync(string name, object? input, string id);

    Task<MatrixState> StateAsync(string id);

    Task<MatrixState> StartedAsync(string id);

    Task<MatrixState> EndedAsync(string id);

    Task RaiseAsync(string id, string eventName, object? payload);

    Task SuspendAsync(string id);

    Task ResumeAsync(string id);

    Task TerminateAsync(string id, string output);

    Task<bool> PurgeAsync(string id);
}

/// <summary>What a client sees of an instance.</summary>
/// <param name="Exists">Whether there is one.</param>
/// <param name="Status">Its status.</param>
/// <param name="Output">JSON.</param>
/// <param name="CustomStatus">JSON.</param>
/// <param name="Failure">Message of the failure.</param>
/// <param name="FailureType">Type of the failure.</param>
internal sealed record MatrixState(
    bool Exists, WorkflowRuntimeStatus Status = WorkflowRuntimeStatus.Unknown, string? Output = null, string? CustomStatus = null, string? Failure = null, string? FailureType = null);
