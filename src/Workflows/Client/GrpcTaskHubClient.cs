using Castellan.Rpc;
using Castellan.Workflows.Protocol;
using Google.Protobuf;

namespace Castellan.Workflows.Client;

/// <summary>A client over gRPC. Waits are long polls that are taken up again when the connection breaks.</summary>
internal sealed class GrpcTaskHubClient(GrpcChannel channel, TimeProvider clock) : ITaskHubClient
{
    public Task<CreateInstanceResponse> StartAsync(CreateInstanceRequest request, CancellationToken ct) =>
        AskAsync(TaskHubMethods.StartInstance, request, ct);

    public async Task<GetInstanceResponse> GetAsync(GetInstanceRequest request, CancellationToken ct)
    {
        try
        {
            return await AskAsync(TaskHubMethods.GetInstance, request, ct).ConfigureAwait(false);
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

    public Task RaiseEventAsync(RaiseEventRequest request, CancellationToken ct) => AskAsync(TaskHubMethods.RaiseEvent, request, ct);

    public Task TerminateAsync(TerminateRequest request, CancellationToken ct) => AskAsync(TaskHubMethods.TerminateInstance, request, ct);

    public Task SuspendAsync(SuspendRequest request, CancellationToken ct) => AskAsync(TaskHubMethods.SuspendInstance, request, ct);

    public Task ResumeAsync(ResumeRequest request, CancellationToken ct) => AskAsync(TaskHubMethods.ResumeInstance, request, ct);

    public Task<PurgeInstancesResponse> PurgeAsync(PurgeInstancesRequest request, CancellationToken ct) =>
        AskAsync(TaskHubMethods.PurgeInstances, request, ct);

    public Task<ListInstanceIDsResponse> ListAsync(ListInstanceIDsRequest request, CancellationToken ct) =>
        AskAsync(TaskHubMethods.ListInstanceIds, request, ct);

    public Task<GetInstanceHistoryResponse> HistoryAsync(GetInstanceHistoryRequest request, CancellationToken ct) =>
        AskAsync(TaskHubMethods.GetInstanceHistory, request, ct);

    public Task<RerunWorkflowFromEventResponse> RerunAsync(RerunWorkflowFromEventRequest request, CancellationToken ct) =>
        AskAsync(TaskHubMethods.RerunWorkflowFromEvent, request, ct);

    private async Task<GetInstanceResponse> PollAsync(GrpcMethod<GetInstanceRequest, GetInstanceResponse> method, GetInstanceRequest request, CancellationToken ct)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await AskAsync(method, request, ct).ConfigureAwait(false);
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                await Task.Delay(Backoff.After(failures), clock, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task<TResponse> AskAsync<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            return await channel.UnaryAsync(method, request, ct: ct).ConfigureAwait(false);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unauthenticated)
        {
            throw RefusedToken.At(channel.Address, error);
        }
    }
}
