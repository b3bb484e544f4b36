using Castellan.Rpc;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Client;

/// <summary>A client over gRPC. Waits are long polls that are taken up again when the connection breaks.</summary>
internal sealed class GrpcTaskHubClient(GrpcChannel channel, TimeProvider clock) : ITaskHubClient
{
    public Task<CreateInstanceResponse> StartAsync(CreateInstanceRequest request, CancellationToken ct) =>
        channel.UnaryAsync(TaskHubMethods.StartInstance, request, ct: ct);

    public async Task<GetInstanceResponse> GetAsync(GetInstanceRequest request, CancellationToken ct)
    {
        try
        {
            return await channel.UnaryAsync(TaskHubMethods.GetInstance, request, ct: ct).ConfigureAwait(false);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return new(); // older sidecars answer an error where newer ones say that it does not exist
        }
    }

    public Task<GetInstanceResponse> WaitForStartAsync(GetInstanceRequest request, CancellationToken ct) =>
        PollAsync(TaskHubMethods.WaitForInstanceStart, request, ct);

    public Task<GetInstanceResponse> WaitForCompletionAsync(GetInstanceRequest request, CancellationToken ct) =>
        PollAsync(TaskHubMethods.WaitForInstanceCompletion, request, ct);

    public Task RaiseEventAsync(RaiseEventRequest request, CancellationToken ct) => channel.UnaryAsync(TaskHubMethods.RaiseEvent, request, ct: ct);

    public Task TerminateAsync(TerminateRequest request, CancellationToken ct) => channel.UnaryAsync(TaskHubMethods.TerminateInstance, request, ct: ct);

    public Task SuspendAsync(SuspendRequest request, CancellationToken ct) => channel.UnaryAsync(TaskHubMethods.SuspendInstance, request, ct: ct);

    public Task ResumeAsync(ResumeRequest request, CancellationToken ct) => channel.UnaryAsync(TaskHubMethods.ResumeInstance, request, ct: ct);

    public Task<PurgeInstancesResponse> PurgeAsync(PurgeInstancesRequest request, CancellationToken ct) =>
        channel.UnaryAsync(TaskHubMethods.PurgeInstances, request, ct: ct);

    public Task<ListInstanceIDsResponse> ListAsync(ListInstanceIDsRequest request, CancellationToken ct) =>
        channel.UnaryAsync(TaskHubMethods.ListInstanceIds, request, ct: ct);

    public Task<GetInstanceHistoryResponse> HistoryAsync(GetInstanceHistoryRequest request, CancellationToken ct) =>
        channel.UnaryAsync(TaskHubMethods.GetInstanceHistory, request, ct: ct);

    public Task<RerunWorkflowFromEventResponse> RerunAsync(RerunWorkflowFromEventRequest request, CancellationToken ct) =>
        channel.UnaryAsync(TaskHubMethods.RerunWorkflowFromEvent, request, ct: ct);

    private async Task<GetInstanceResponse> PollAsync(GrpcMethod<GetInstanceRequest, GetInstanceResponse> method, GetInstanceRequest request, CancellationToken ct)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await channel.UnaryAsync(method, request, ct: ct).ConfigureAwait(false);
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                await Task.Delay(Backoff.After(failures), clock, ct).ConfigureAwait(false);
            }
        }
    }
}
