using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>Reads runs. What a run was started with never changes, so it is kept in memory while the run is open.</summary>
internal sealed class RunDirectory(Store store, RunFeed feed)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, RunRow> _open = new(StringComparer.Ordinal);

    internal RunFeed Feed => feed;

    internal Task<RunRow?> FindAsync(string runId, CancellationToken ct) => store.ReadAsync(view => RunTable.Find(view, runId), ct);

    /// <summary>An open run that belongs to this hub; null for any other. Only identity and input are current, not the counters.</summary>
    internal async ValueTask<RunRow?> FindOpenAsync(string runId, string hub, CancellationToken ct)
    {
        if (!_open.TryGetValue(runId, out var row))
        {
            row = await FindAsync(runId, ct);
            if (row is { Run.State: RunState.Running })
            {
                _open[runId] = row;
            }
        }

        return row is { Run.State: RunState.Running } && row.Hub == hub ? row : null;
    }

    internal void Forget(string runId) => _open.TryRemove(runId, out _);

    internal Task<List<RunRow>> NewestAsync(int limit, CancellationToken ct) => store.ReadAsync(view => RunTable.Newest(view, limit), ct);

    internal Task<List<RunRow>> OpenAsync(CancellationToken ct) => store.ReadAsync(RunTable.Open, ct);
}
