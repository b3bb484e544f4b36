using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Worker;

namespace Castellan.Workflows.Sidecar;

/// <summary>Work from a hub of this process, without a wire between. Activities may enlist writes into the commit of their completion.</summary>
internal sealed class LocalWorkSource(TaskHub hub) : IWorkSource
{
    public string Name => $"hub '{hub.Name}' in this process";

    public bool SharesStore => true;

    public async Task ReceiveAsync(IWorkReceiver receiver, CancellationToken ct)
    {
        var limits = new StreamLimits(receiver.MaxTurns, receiver.MaxActivities, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var stream = new WorkerStream(limits, hub.Clock) { IsLocal = true, RemembersHistory = true };
        receiver.Connected();
        await hub.ServeAsync(stream, turn =>
        {
            receiver.Receive(turn);
            return Task.CompletedTask;
        }, call =>
        {
            receiver.Receive(call);
            return Task.CompletedTask;
        }, ct).ConfigureAwait(false);
    }

    public Task CompleteAsync(WorkflowResponse response, CancellationToken ct) => hub.CompleteAsync(response);

    public Task CompleteAsync(ActivityOutcome outcome, CancellationToken ct) => hub.CompleteAsync(outcome, ct);

    public bool IsTransient(Exception error) => error is StoreException or RpcException { StatusCode: StatusCode.Unavailable };
}
