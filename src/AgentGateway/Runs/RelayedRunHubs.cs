using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>
/// The hubs of the agents on Dapr: each in the daprd of its agent's pod, which serves nobody else. So the gateway writes down what it wants,
/// and the pod fetches it, does it, and reports how the run ended. An open run is itself the wish that its orchestration exists.
/// </summary>
internal sealed class RelayedRunHubs(Store store, RunCommandQueue queue, RunFeed feed) : IRunHubs
{
    public async Task StartAsync(string hub, RunInput input, Action<IUnitOfWork> enlist, CancellationToken ct)
    {
        await store.WriteAsync(enlist, ct);
        queue.Ring(hub);
    }

    public Task RaiseAsync(string hub, string runId, CallResult result, CancellationToken ct) => queue.RaiseAsync(hub, runId, result, ct);

    public async Task<HubEnd?> WaitAsync(string hub, string runId, CancellationToken ct)
    {
        await feed.EndedAsync(runId, ct);
        return null;
    }

    public Task TerminateAsync(string hub, string runId, CancellationToken ct) => queue.TerminateAsync(hub, runId, ct);
}
