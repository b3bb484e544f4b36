using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Client;

/// <summary>A client's side of a task hub: over gRPC, or in this process.</summary>
internal interface ITaskHubClient
{
    Task<CreateInstanceResponse> StartAsync(CreateInstanceRequest request, CancellationToken ct);

    Task<GetInstanceResponse> GetAsync(GetInstanceRequest request, CancellationToken ct);

    Task<GetInstanceResponse> WaitForStartAsync(GetInstanceRequest request, CancellationToken ct);

    Task<GetInstanceResponse> WaitForCompletionAsync(GetInstanceRequest request, CancellationToken ct);

    Task RaiseEventAsync(RaiseEventRequest request, CancellationToken ct);

    Task TerminateAsync(TerminateRequest request, CancellationToken ct);

    Task SuspendAsync(SuspendRequest request, CancellationToken ct);

    Task ResumeAsync(ResumeRequest request, CancellationToken ct);

    Task<PurgeInstancesResponse> PurgeAsync(PurgeInstancesRequest request, CancellationToken ct);

    Task<ListInstanceIDsResponse> ListAsync(ListInstanceIDsRequest request, CancellationToken ct);

    Task<GetInstanceHistoryResponse> HistoryAsync(GetInstanceHistoryRequest request, CancellationToken ct);

    Task<RerunWorkflowFromEventResponse> RerunAsync(RerunWorkflowFromEventRequest request, CancellationToken ct);
}
