using System.Text.Json;
using Castellan.AgentGateway.Hosting;
using Castellan.GatewayApi;
using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Calls;

/// <summary>The gateway's own hub in its embedded sidecar: one store, one commit. No socket reaches it.</summary>
internal sealed class EmbeddedCallHub(EmbeddedSidecar sidecar) : ICallHub
{
    private readonly TaskHub _hub = sidecar.Hub(GatewaySidecar.HubName);
    private readonly DaprWorkflowClient _client = sidecar.Hub(GatewaySidecar.HubName).CreateClient();

    public bool SharesStore => true;

    /// <summary>Starts a call; <paramref name="enlist"/> becomes durable with its start and first turn, or nothing does.</summary>
    /// <exception cref="CallExistsException">There is an instance of this id.</exception>
    public async Task StartAsync(CallInput input, Action<IUnitOfWork> enlist, CancellationToken ct)
    {
        try
        {
            await _hub.StartAsync(nameof(CallOrchestration), input.CallId, JsonSerializer.SerializeToElement(input, GatewayJson.Options), enlist, ct, input.Trace?.Context ?? default);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            throw new CallExistsException(input.CallId);
        }
    }

    /// <summary>Waits until a call has ended.</summary>
    public Task WaitAsync(string callId, CancellationToken ct) => _client.WaitForWorkflowCompletionAsync(callId, getInputsAndOutputs: false, ct);

    /// <summary>Tells a waiting call that somebody decided; <paramref name="enlist"/> becomes durable with the event.</summary>
    public async Task RaiseDecisionAsync(string callId, Action<IUnitOfWork>? enlist, CancellationToken ct)
    {
        try
        {
            await _hub.RaiseEventAsync(callId, CallOrchestration.DecisionEvent, true, enlist, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // The call has just ended by itself: its deadline passed. What was enlisted is durable all the same.
        }
    }

    /// <summary>Nothing: what was started is in the history, and what is not was not accepted.</summary>
    public Task RecoverAsync(CancellationToken ct) => Task.CompletedTask;
}
