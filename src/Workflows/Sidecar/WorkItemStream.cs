using Castellan.Rpc;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;

namespace Castellan.Workflows.Sidecar;

/// <summary>The stream of work items to one remote worker.</summary>
internal sealed class WorkItemStream(GrpcResponseStream<WorkItem> items, bool remembers, long maxHistoryBytes) : IDisposable
{
    /// <summary>A worker that announces it keeps what it was sent, and fetches the history of an instance when it has not.</summary>
    public const int StatefulHistory = 2;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SentHistories? _sent = remembers ? new() : null;

    public static async Task ServeAsync(TaskHub hub, GetWorkItemsRequest request, GrpcResponseStream<WorkItem> items, EmbeddedSidecar sidecar, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct, sidecar.Stopping);
        var options = sidecar.Options;
        var remembers = request.Capabilities.Contains(StatefulHistory);
        var limits = new StreamLimits(options.MaxTurnsPerStream, options.MaxActivitiesPerStream, options.TurnLease, options.ActivityLease);
        var stream = new WorkerStream(limits, options.Clock)
        {
            IsLocal = false,
            RemembersHistory = remembers,
            MaxHistoryBytes = remembers ? long.MaxValue : options.MaxTurnBytes,
        };
        using var sending = new WorkItemStream(items, remembers, options.MaxTurnBytes);
        await items.StartAsync().ConfigureAwait(false); // the worker waits for the headers
        try
        {
            await hub.ServeAsync(stream, turn => sending.SendAsync(sending.Item(turn), ended.Token),
                activity => sending.SendAsync(new() { ActivityRequest = activity.Request, CompletionToken = activity.Token }, ended.Token), ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (sidecar.Stopping.IsCancellationRequested)
        {
            throw new RpcException(StatusCode.Unavailable, "the sidecar is stopping; attach again");
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task SendAsync(WorkItem item, CancellationToken ct)
    {
        await _writing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await items.WriteAsync(item).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private WorkItem Item(Turn turn)
    {
        var request = new WorkflowRequest { InstanceId = turn.InstanceId, ExecutionId = turn.ExecutionId };
        var known = _sent?.Exchange(turn.InstanceId, turn.ExecutionId, turn.Past.Count) ?? 0;
        if (known > 0)
        {
            request.CachedHistory = new() { EventCount = known };
        }

        if (_sent is not null && known == 0 && turn.PastBytes > maxHistoryBytes)
        {
            request.RequiresHistoryStreaming = true;
        }
        else
        {
            for (var i = known; i < turn.Past.Count; i++)
            {
                request.PastEvents.Add(turn.Past[i]);
            }
        }

        request.NewEvents.AddRange(turn.New);
        return new() { WorkflowRequest = request, CompletionToken = turn.Token };
    }
}
