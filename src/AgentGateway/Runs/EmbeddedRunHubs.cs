using System.Text.Json;
using Castellan.GatewayApi;
using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Runs;

/// <summary>The hubs of the agents in the gateway's own sidecar: one store, one commit. Agents attach to theirs over mutual TLS.</summary>
internal sealed class EmbeddedRunHubs(EmbeddedSidecar sidecar, RunDirectory runs) : IRunHubs
{
    public Task StartAsync(string hub, RunInput input, Action<IUnitOfWork> enlist, CancellationToken ct) => BeginAsync(hub, input, enlist, ct);

    public async Task RaiseAsync(string hub, string runId, CallResult result, CancellationToken ct)
    {
        try
        {
            await sidecar.Hub(hub).RaiseEventAsync(runId, CallResult.EventPrefix + result.CallId, JsonSerializer.SerializeToElement(result, GatewayJson.Options), null, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // The run ended meanwhile; nobody waits for this call.
        }
    }

    public async Task<HubEnd?> WaitAsync(string hub, string runId, CancellationToken ct)
    {
        try
        {
            return await EndAsync(hub, runId, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound && !ct.IsCancellationRequested)
        {
            // The installation was on Dapr when the run began. It begins again here, and its calls are answered from the record.
            var row = await runs.FindAsync(runId, ct) ?? throw new InvalidOperationException($"run {runId} has no row", e);
            await BeginAsync(hub, row.Input, null, ct);
            return await EndAsync(hub, runId, ct);
        }
    }

    public Task TerminateAsync(string hub, string runId, CancellationToken ct) => sidecar.Hub(hub).CreateClient().TerminateWorkflowAsync(runId, cancellation: ct);

    private Task BeginAsync(string hub, RunInput input, Action<IUnitOfWork>? enlist, CancellationToken ct) =>
        sidecar.Hub(hub).StartAsync(RunInput.Orchestration, input.RunId, JsonSerializer.SerializeToElement(input, GatewayJson.Options), enlist, ct, input.Trace?.Run.Context ?? default);

    private async Task<HubEnd> EndAsync(string hub, string runId, CancellationToken ct)
    {
        var state = await sidecar.Hub(hub).CreateClient().WaitForWorkflowCompletionAsync(runId, getInputsAndOutputs: true, ct);
        return HubEnd.Of(state.RuntimeStatus, state.RuntimeStatus == WorkflowRuntimeStatus.Completed ? state.ReadOutputAs<JsonElement>() : null, state.FailureDetails?.ErrorMessage);
    }
}
