using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows;

/// <summary>
/// One hub of a sidecar elsewhere (daprd, or an embedded one), for those who look after it. What the protocol has no method for is done
/// with those that it has, instance by instance.
/// </summary>
/// <example>
/// <code>
/// using var hub = RemoteTaskHub.Connect(new TaskHubEndpoint(new Uri("http://127.0.0.1:50001"), null) { ApiToken = token }, TimeProvider.System);
/// var failed = await hub.QueryAsync(new() { Statuses = [WorkflowRuntimeStatus.Failed] }, ct);
/// </code>
/// </example>
public sealed class RemoteTaskHub : IDisposable
{
    private const int ParallelReads = 16;
    private readonly TaskHubChannel _channel;
    private readonly GrpcTaskHubClient _hub;

    private RemoteTaskHub(TaskHubChannel channel, TimeProvider clock)
    {
        _channel = channel;
        _hub = new(channel.Channel, clock);
        Client = new(_hub, new());
    }

    /// <summary>Starts, watches and steers its orchestrations.</summary>
    public DaprWorkflowClient Client { get; }

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    /// <param name="endpoint">Where the sidecar listens and who we are to it.</param>
    /// <param name="clock">For deadlines and waits.</param>
    public static RemoteTaskHub Connect(TaskHubEndpoint endpoint, TimeProvider clock) => new(endpoint.CreateChannel(clock, null), clock);

    /// <summary>Lists instances. The sidecar lists ids alone, so each is read and then judged; the order is the sidecar's.</summary>
    /// <exception cref="RpcException">The sidecar refused or is not there. Unimplemented, Unknown: it is a daprd before 1.17, which cannot list.</exception>
    public async Task<InstancePage> QueryAsync(InstanceQuery query, CancellationToken ct)
    {
        var found = new List<WorkflowInstanceSummary>();
        var token = query.ContinuationToken;
        do
        {
            var page = await Client.ListInstanceIdsAsync(token, query.PageSize, ct).ConfigureAwait(false);
            token = page.ContinuationToken;
            var ids = page.InstanceIds.Where(id => query.IdPrefix is null || id.StartsWith(query.IdPrefix, StringComparison.Ordinal));
            foreach (var some in ids.Chunk(ParallelReads))
            {
                var read = await Task.WhenAll(some.Select(id => _hub.GetAsync(new() { InstanceId = id }, ct))).ConfigureAwait(false);
                found.AddRange(read.Where(r => r.Exists).Select(r => Summary(r.WorkflowState)).Where(s => Matches(query, s)));
            }
        }
        while (token is not null && found.Count < query.PageSize);
        return new(found, token);
    }

    /// <summary>The history of an instance, for people to read.</summary>
    /// <exception cref="RpcException">NotFound: no such instance. Unimplemented, Unknown: it is a daprd before 1.17.</exception>
    public async Task<IReadOnlyList<TimelineEntry>> ReadTimelineAsync(string instanceId, CancellationToken ct) =>
        Timeline.Of((await _hub.HistoryAsync(new() { InstanceId = instanceId }, ct).ConfigureAwait(false)).Events);

    /// <summary>Removes instances with their histories.</summary>
    /// <returns>How many were removed.</returns>
    /// <exception cref="RpcException">The sidecar refused or is not there.</exception>
    public async Task<int> PurgeAsync(InstancePurgeFilter filter, CancellationToken ct)
    {
        try
        {
            return (await _hub.PurgeAsync(Request(filter), ct).ConfigureAwait(false)).DeletedInstanceCount;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unimplemented or StatusCode.Unknown)
        {
            return await PurgeOneByOneAsync(filter, ct).ConfigureAwait(false); // daprd purges by id alone
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _channel.Dispose();

    private async Task<int> PurgeOneByOneAsync(InstancePurgeFilter filter, CancellationToken ct)
    {
        var query = new InstanceQuery { Statuses = filter.Statuses, CreatedFrom = filter.CreatedFrom, CreatedTo = filter.CreatedTo };
        var ended = new List<string>();
        do
        {
            var page = await QueryAsync(query, ct).ConfigureAwait(false);
            ended.AddRange(page.Instances.Where(i => filter.Force || i.CompletedAt is not null || HasEnded(i.Status)).Select(i => i.InstanceId));
            query = query with { ContinuationToken = page.ContinuationToken };
        }
        while (query.ContinuationToken is not null);
        var removed = 0;
        foreach (var id in ended)
        {
            var request = new PurgeInstancesRequest { InstanceId = id, Recursive = filter.Recursive, Force = filter.Force };
            removed += (await _hub.PurgeAsync(request, ct).ConfigureAwait(false)).DeletedInstanceCount;
        }

        return removed;
    }

    private static PurgeInstancesRequest Request(InstancePurgeFilter filter)
    {
        var wanted = new PurgeInstanceFilter
        {
            CreatedTimeFrom = filter.CreatedFrom is { } from ? Timestamp.FromDateTimeOffset(from) : null,
            CreatedTimeTo = filter.CreatedTo is { } to ? Timestamp.FromDateTimeOffset(to) : null,
        };
        wanted.RuntimeStatus.AddRange(filter.Statuses.Select(s => (OrchestrationStatus)(int)s));
        return new() { PurgeInstanceFilter = wanted, Recursive = filter.Recursive, Force = filter.Force };
    }

    private static bool Matches(InstanceQuery query, WorkflowInstanceSummary one) =>
        (query.Statuses.Count == 0 || query.Statuses.Contains(one.Status))
        && (query.Name is null || string.Equals(query.Name, one.Name, StringComparison.OrdinalIgnoreCase))
        && (query.CreatedFrom is not { } from || one.CreatedAt >= from)
        && (query.CreatedTo is not { } to || one.CreatedAt <= to);

    private static bool HasEnded(WorkflowRuntimeStatus status) =>
        status is WorkflowRuntimeStatus.Completed or WorkflowRuntimeStatus.Failed or WorkflowRuntimeStatus.Terminated or WorkflowRuntimeStatus.Canceled;

    private static WorkflowInstanceSummary Summary(InstanceState state) => new(
        state.InstanceId, state.Name, (WorkflowRuntimeStatus)(int)state.WorkflowStatus, state.CreatedTimestamp?.ToDateTimeOffset() ?? default,
        state.LastUpdatedTimestamp?.ToDateTimeOffset() ?? default, state.CompletedTimestamp?.ToDateTimeOffset(), state.ParentInstanceId);
}
