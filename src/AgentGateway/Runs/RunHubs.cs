using System.Text.Json;
using Castellan.GatewayApi;
using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Runs;

/// <summary>The hubs of the agents, in which their runs live. The agents' own workers do the work; the gateway starts, tells and watches.</summary>
internal sealed class RunHubs(EmbeddedSidecar sidecar)
{
    internal Task StartAsync(string hub, RunInput input, Action<IUnitOfWork> enlist, CancellationToken ct) =>
        sidecar.Hub(hub).StartAsync(RunInput.Orchestration, input.RunId, JsonSerializer.SerializeToElement(input, GatewayJson.Options), enlist, ct);

    /// <summary>Raises an event on a run; a run that has ended does not need it any more.</summary>
    internal async Task RaiseAsync<T>(string hub, string runId, string name, T payload, CancellationToken ct)
    {
        try
        {
            await sidecar.Hub(hub).RaiseEventAsync(runId, name, JsonSerializer.SerializeToElement(payload, GatewayJson.Options), null, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // The run ended meanwhile; nobody waits for this call.
        }
    }

    internal async Task<HubEnd> WaitAsync(string hub, string runId, CancellationToken ct)
    {
        var state = await sidecar.Hub(hub).CreateClient().WaitForWorkflowCompletionAsync(runId, getInputsAndOutputs: true, ct);
        return state.RuntimeStatus switch
        {
            WorkflowRuntimeStatus.Completed => Completed(state.ReadOutputAs<JsonElement>()),
            WorkflowRuntimeStatus.Terminated or WorkflowRuntimeStatus.Canceled => new HubEnd(RunState.Terminated, null, "the run was ended by an operator"),
            _ => new HubEnd(RunState.Failed, null, state.FailureDetails?.ErrorMessage ?? $"the run's orchestration is {state.RuntimeStatus}"),
        };
    }

    internal Task TerminateAsync(string hub, string runId, CancellationToken ct) => sidecar.Hub(hub).CreateClient().TerminateWorkflowAsync(runId, cancellation: ct);

    // The agent's pod wrote this: a wrong shape is its failure, not the gateway's.
    private static HubEnd Completed(JsonElement output)
    {
        try
        {
            return new HubEnd(RunState.Succeeded, output.Deserialize<RunOutput>(GatewayJson.Options), null);
        }
        catch (JsonException e)
        {
            return new HubEnd(RunState.Failed, null, $"the agent's answer cannot be read: {e.Message}");
        }
    }
}
