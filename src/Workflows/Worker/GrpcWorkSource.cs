using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;

namespace Castellan.Workflows.Worker;

/// <summary>Work from any sidecar that serves TaskHubSidecarService: daprd or the embedded one.</summary>
internal sealed class GrpcWorkSource(GrpcChannel channel, TimeProvider clock) : IWorkSource
{
    private static readonly TimeSpan HelloPeriod = TimeSpan.FromSeconds(30);

    public string Name => channel.Address.ToString();

    public bool SharesStore => false;

    public async Task ReceiveAsync(IWorkReceiver receiver, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await channel.UnaryAsync(TaskHubMethods.Hello, new(), ct: ct).ConfigureAwait(false);
        receiver.Connected();
        var saying = SayHelloAsync(ended);
        try
        {
            await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token).ConfigureAwait(false))
            {
                await DeliverAsync(receiver, item, ended.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await saying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task CompleteAsync(WorkflowResponse response, CancellationToken ct) =>
        // The older of two names: it exists in every version of Dapr.
        await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, response, ct: ct).ConfigureAwait(false);

    public async Task CompleteAsync(ActivityOutcome outcome, CancellationToken ct) =>
        await channel.UnaryAsync(TaskHubMethods.CompleteActivityTask, outcome.Response, ct: ct).ConfigureAwait(false);

    public bool IsTransient(Exception error) => error is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.ResourceExhausted or StatusCode.Aborted };

    private async Task DeliverAsync(IWorkReceiver receiver, WorkItem item, CancellationToken ct)
    {
        if (item.WorkflowRequest is { } request)
        {
            IReadOnlyList<HistoryEvent> past = request.PastEvents;
            if (request.RequiresHistoryStreaming)
            {
                var history = await channel.UnaryAsync(TaskHubMethods.GetInstanceHistory, new() { InstanceId = request.InstanceId }, ct: ct).ConfigureAwait(false);
                past = history.Events;
            }

            receiver.Receive(new Turn(request.InstanceId, request.ExecutionId ?? "", past, request.NewEvents, item.CompletionToken));
        }
        else if (item.ActivityRequest is { } activity)
        {
            receiver.Receive(new ActivityCall(activity, item.CompletionToken, 1));
        }

        // Anything else comes from a newer sidecar and is not for this worker.
    }

    // Load balancers close what looks idle. A failed hello ends the stream, so that the worker attaches again.
    private async Task SayHelloAsync(CancellationTokenSource stream)
    {
        while (!stream.IsCancellationRequested)
        {
            await Task.Delay(HelloPeriod, clock, stream.Token).ConfigureAwait(false);
            try
            {
                await channel.UnaryAsync(TaskHubMethods.Hello, new(), new() { Timeout = HelloPeriod }, stream.Token).ConfigureAwait(false);
            }
            catch (RpcException)
            {
                await stream.CancelAsync().ConfigureAwait(false);
            }
        }
    }
}
