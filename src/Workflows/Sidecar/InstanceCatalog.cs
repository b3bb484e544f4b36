using System.Globalization;
using Castellan.Rpc;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>What can be read of a hub's instances beside their state.</summary>
internal sealed class InstanceCatalog(HubCore core)
{
    private const int MaxPage = 1000;

    public async Task<ListInstanceIDsResponse> ListAsync(ListInstanceIDsRequest request, CancellationToken ct)
    {
        var after = request.HasContinuationToken ? Key(request.ContinuationToken) : 0;
        var size = request.HasPageSize && request.PageSize is > 0 and <= MaxPage ? (int)request.PageSize : MaxPage;
        var rows = await core.Rows.ReadAsync(view => new InstanceFilter().OldestFirst(view, core.Name, after, size), ct).ConfigureAwait(false);
        var response = new ListInstanceIDsResponse();
        response.InstanceIds.AddRange(rows.Select(row => row.Id));
        if (rows.Count == size)
        {
            response.ContinuationToken = Token(rows);
        }

        return response;
    }

    public async Task<InstancePage> QueryAsync(InstanceQuery query, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.PageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.PageSize, MaxPage);
        var before = query.ContinuationToken is { } token ? Key(token) : long.MaxValue;
        var filter = new InstanceFilter { Statuses = query.Statuses, Name = query.Name, IdPrefix = query.IdPrefix, From = query.CreatedFrom, To = query.CreatedTo };
        var rows = await core.Rows.ReadAsync(view => filter.NewestFirst(view, core.Name, before, query.PageSize), ct).ConfigureAwait(false);
        return new([.. rows.Select(Summary)], rows.Count == query.PageSize ? Token(rows) : null);
    }

    public async Task<GetInstanceHistoryResponse> HistoryAsync(GetInstanceHistoryRequest request, CancellationToken ct)
    {
        var events = await core.Rows.ReadAsync(view => core.Rows.Find(view, request.InstanceId) is { } row ? core.Rows.History(view, row.Key) : null, ct).ConfigureAwait(false);
        var response = new GetInstanceHistoryResponse();
        response.Events.AddRange(events ?? throw InstanceControl.NotFound(request.InstanceId));
        return response;
    }

    private static WorkflowInstanceSummary Summary(InstanceRow row) => new(
        row.Id, row.Name, (WorkflowRuntimeStatus)(int)row.Status, row.Created, row.Updated, row.Completed, row.Parent?.WorkflowInstance?.InstanceId);

    private static string Token(List<InstanceRow> rows) => rows[^1].Key.ToString(CultureInfo.InvariantCulture);

    private static long Key(string token) => long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var key)
        ? key
        : throw new RpcException(StatusCode.InvalidArgument, $"'{token}' is no continuation token of this hub; start without one");
}
