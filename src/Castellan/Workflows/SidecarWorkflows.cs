using Castellan.AgentGateway.Workflows;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Castellan.Rpc;
using Castellan.Workflows;

namespace Castellan.Cli.Workflows;

/// <summary>One hub of a sidecar: daprd, or <c>castellan workflows serve</c>. The token chooses the hub.</summary>
internal sealed class SidecarWorkflows(Uri endpoint, string? token) : IWorkflowAccess
{
    private readonly RemoteTaskHub _hub = RemoteTaskHub.Connect(new TaskHubEndpoint(endpoint, null) { ApiToken = token }, TimeProvider.System);

    public Task<IReadOnlyList<WorkflowInstance>> ListAsync(WorkflowFilter filter, CancellationToken ct) => AskAsync<IReadOnlyList<WorkflowInstance>>(async () =>
        [.. (await _hub.QueryAsync(WorkflowViews.Query(filter), ct)).Instances.Take(filter.Limit).Select(i => WorkflowViews.Of(i, null))]);

    public Task<WorkflowInstance> GetAsync(string instanceId, CancellationToken ct) => AskAsync(async () =>
    {
        var state = await _hub.Client.GetWorkflowStateAsync(instanceId, getInputsAndOutputs: true, ct);
        return state.Exists ? WorkflowViews.Of(instanceId, state, null) : throw new RpcException(StatusCode.NotFound, $"workflow '{instanceId}' does not exist");
    });

    public Task<IReadOnlyList<WorkflowHistoryLine>> HistoryAsync(string instanceId, CancellationToken ct) => AskAsync<IReadOnlyList<WorkflowHistoryLine>>(async () =>
        [.. (await _hub.ReadTimelineAsync(instanceId, ct)).Select(WorkflowViews.Of)]);

    public Task<WorkflowActionResult> ActAsync(string instanceId, WorkflowVerb verb, WorkflowAction action, CancellationToken ct) =>
        AskAsync(() => WorkflowActions.ApplyAsync(_hub.Client, instanceId, verb, action, ct));

    public Task<WorkflowActionResult> PurgeAsync(WorkflowPurge purge, CancellationToken ct) => AskAsync(async () => purge switch
    {
        { InstanceId: { } id, Force: false } => new WorkflowActionResult(await _hub.Client.PurgeInstanceAsync(id, ct) ? 1 : 0),
        { InstanceId: { } id } => throw new CommandFailure($"workflow '{id}' cannot be purged by force at a sidecar", "terminate it first", ExitCode.Usage),
        _ => new WorkflowActionResult(await _hub.PurgeAsync(WorkflowViews.Purge(purge.Filter ?? new(), purge.Force), ct)),
    });

    public void Dispose() => _hub.Dispose();

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (RpcException e)
        {
            throw new CommandFailure(e.Message.Split("; ", 2)[0], RemedyOf(e), inner: e);
        }
        catch (FormatException e)
        {
            throw new CommandFailure(e.Message.Split("; ", 2)[0], e.Message.Split("; ", 2)[^1], ExitCode.Usage, e);
        }
    }

    private string RemedyOf(RpcException e) => e.StatusCode switch
    {
        StatusCode.Unavailable => $"is a sidecar running at {endpoint}? 'castellan workflows serve' starts one",
        StatusCode.Unauthenticated => $"give its token in {SidecarToken.Variable} or with --api-token-file",
        StatusCode.NotFound => "'castellan workflows list' shows what there is",
        StatusCode.Unimplemented or StatusCode.Unknown => "this sidecar may be too old to do that: daprd lists and shows histories from 1.17 on",
        _ when e.Message.Split("; ", 2) is [_, { Length: > 0 } remedy] => remedy,
        _ => "look at the sidecar's log",
    };
}
