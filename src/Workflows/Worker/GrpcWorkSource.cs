using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Castellan.Workflows.Sidecar;

namespace Castellan.Workflows.Worker;

/// <summary>Work from any sidecar that serves TaskHubSidecarService: daprd or the embedded one.</summary>
internal sealed class GrpcWorkSource(GrpcChannel channel, TimeProvider clock) : IWorkSource
{
    private const int FetchAttempts = 5;
    private static readonly TimeSpan HelloPeriod = TimeSpan.FromSeconds(30);

    public string Name => channel.Address.ToString();

    public bool SharesStore => false;

    public async Task ReceiveAsync(IWorkReceiver receiver, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await GreetAsync(ct).ConfigureAwait(false);
        receiver.Connected();
        var saying = SayHelloAsync(ended);
        try
        {
            var request = new GetWorkItemsRequest { Capabilities = { WorkItemStream.StatefulHistory } };
            await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, request, ct: ended.Token).ConfigureAwait(false))
            {
                Deliver(receiver, item);
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

    private async Task GreetAsync(CancellationToken ct)
    {
        try
        {
            await channel.UnaryAsync(TaskHubMethods.Hello, new(), ct: ct).ConfigureAwait(false);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unauthenticated)
        {
            throw RefusedToken.At(channel.Address, error);
        }
    }

    private void Deliver(IWorkReceiver receiver, WorkItem item)
    {
        if (item.WorkflowRequest is { } request)
        {
            var omitted = request.CachedHistory?.EventCount ?? 0;
            receiver.Receive(new Turn(request.InstanceId, request.ExecutionId ?? "", request.PastEvents, request.NewEvents, item.CompletionToken)
            {
                Omitted = omitted,
                AppId = request.Router?.SourceAppID ?? "",
                FetchPast = omitted > 0 || request.RequiresHistoryStreaming ? ct => FetchPastAsync(request.InstanceId, omitted + request.PastEvents.Count, ct) : null,
            });
        }
        else if (item.ActivityRequest is { } activity)
        {
            receiver.Receive(new ActivityCall(activity, item.CompletionToken, 1));
        }

        // Anything else comes from a newer sidecar and is not for this worker.
    }

    private async Task<IReadOnlyList<HistoryEvent>> FetchPastAsync(string instanceId, int count, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var history = await channel.UnaryAsync(TaskHubMethods.GetInstanceHistory, new() { InstanceId = instanceId }, ct: ct).ConfigureAwait(false);
                return count > 0 ? [.. history.Events.Take(count)] : history.Events;
            }
            catch (RpcException error) when (IsTransient(error) && attempt < FetchAttempts)
            {
                await Task.Delay(Backoff.After(attempt), clock, ct).ConfigureAwait(false);
            }
        }
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
