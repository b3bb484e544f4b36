using Castellan.Rpc;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>Removes instances, in batches that leave the writer free for others in between.</summary>
internal sealed class InstancePurge(HubCore core)
{
    private const int Batch = 100;

    private static readonly WorkflowRuntimeStatus[] Ended =
        [WorkflowRuntimeStatus.Completed, WorkflowRuntimeStatus.Failed, WorkflowRuntimeStatus.Terminated, WorkflowRuntimeStatus.Canceled];

    public async Task<PurgeInstancesResponse> PurgeAsync(PurgeInstancesRequest request, CancellationToken ct)
    {
        var count = request.RequestCase == PurgeInstancesRequest.RequestOneofCase.PurgeInstanceFilter
            ? await PurgeAsync(new InstancePurgeFilter
            {
                Statuses = [.. request.PurgeInstanceFilter.RuntimeStatus.Select(status => (WorkflowRuntimeStatus)(int)status).Distinct()],
                CreatedFrom = ProtocolTime.Read(request.PurgeInstanceFilter.CreatedTimeFrom, "filter's first time"),
                CreatedTo = ProtocolTime.Read(request.PurgeInstanceFilter.CreatedTimeTo, "filter's last time"),
                Recursive = request.Recursive,
                Force = request.Force,
            }, ct).ConfigureAwait(false)
            : await PurgeTreeAsync(request.InstanceId, request.Recursive, request.Force, ct).ConfigureAwait(false);
        return new() { DeletedInstanceCount = count, IsComplete = true };
    }

    public async Task<int> PurgeAsync(InstancePurgeFilter filter, CancellationToken ct)
    {
        var statuses = filter.Statuses.Count == 0 && !filter.Force ? Ended : filter.Statuses;
        var wanted = new InstanceFilter { Statuses = statuses, From = filter.CreatedFrom, To = filter.CreatedTo };
        var count = 0;
        for (long after = 0; ;)
        {
            var page = await core.Rows.ReadAsync(view => wanted.OldestFirst(view, core.Name, after, Batch), ct).ConfigureAwait(false);
            var removed = await Task.WhenAll(page.Select(row => PurgeTreeAsync(row.Id, filter.Recursive, filter.Force, ct))).ConfigureAwait(false);
            count += removed.Sum();
            if (page.Count < Batch)
            {
                return count;
            }

            after = page[^1].Key;
        }
    }

    /// <summary>Removes what ended before a time: the oldest first, with nothing that is still alive.</summary>
    public async Task<int> PurgeEndedAsync(DateTimeOffset before, CancellationToken ct)
    {
        var count = 0;
        while (true)
        {
            var page = await core.Rows.ReadAsync(view => view.Query(
                "select id from workflow_instance where hub = $1 and completed is not null and completed < $2 order by completed limit $3",
                row => row.GetString(0), core.Name, before, Batch), ct).ConfigureAwait(false);
            var removed = (await Task.WhenAll(page.Select(id => PurgeTreeAsync(id, recursive: false, force: false, ct))).ConfigureAwait(false)).Sum();
            count += removed;
            if (page.Count < Batch || removed == 0)
            {
                return count;
            }
        }
    }

    private async Task<int> PurgeTreeAsync(string id, bool recursive, bool force, CancellationToken ct)
    {
        var count = 0;
        var queue = new Queue<string>([id]);
        while (queue.TryDequeue(out var next))
        {
            if (await PurgeOneAsync(next, recursive, force, ct).ConfigureAwait(false) is not { } children)
            {
                continue;
            }

            count++;
            children.ForEach(child => queue.Enqueue(child.Id));
        }

        return count;
    }

    /// <returns>Its children; null when it was not removed.</returns>
    private async Task<List<InstanceRow>?> PurgeOneAsync(string id, bool recursive, bool force, CancellationToken ct)
    {
        List<InstanceRow> children;
        using (var lease = await core.Instances.AcquireAsync(id, ct).ConfigureAwait(false))
        {
            var instance = lease.Instance;
            if (instance.Row is not { } row || (!row.IsEnded && !force))
            {
                return null;
            }

            if (!row.IsEnded)
            {
                Abandon(instance);
            }

            if (instance.Row is not { Key: > 0 and var key })
            {
                return null; // its start was never stored
            }

            children = recursive ? await core.Rows.ReadAsync(view => core.Rows.Children(view, key), ct).ConfigureAwait(false) : [];
            await core.Rows.WriteAsync(unit => HubStore.Remove(unit, key), ct).ConfigureAwait(false);
            core.Activities.RemoveAll(id, instance.History.View());
            instance.Forget();
        }

        core.Board.Publish(id, null);
        return children;
    }

    // Who has its turn answers into nothing; who brought an event that is not stored yet is told.
    private void Abandon(Instance instance)
    {
        core.WithdrawTurn(instance);
        HeldEvents.Fail(instance, new RpcException(StatusCode.Aborted, $"the orchestration instance '{instance.Id}' was purged by force"));
        core.Holding.TryRemove(instance.Id, out _);
    }
}
