using System.Collections.Concurrent;
using Castellan.GatewayApi;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Runs;

/// <summary>Waits for the end of every open run and records it. A run whose agent never answers is ended when its time is up.</summary>
internal sealed class RunWatch(RunDirectory runs, RunLedger ledger, IRunHubs hubs, TimeProvider clock, ILogger<RunWatch> log) : IAsyncDisposable
{
    // The agent's own orchestration ends a run at its limit; this is for agents that do not run any more.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Task> _following = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Takes up the runs that were open when the gateway stopped.</summary>
    internal async Task RecoverAsync(CancellationToken ct)
    {
        foreach (var row in await runs.OpenAsync(ct))
        {
            Follow(row.Run.RunId, row.Hub, row.Input.Limits);
        }
    }

    internal void Follow(string runId, string hub, RunLimits limits) => _following.GetOrAdd(runId, _ => FollowAsync(runId, hub, limits));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_following.Values);
        _stopping.Dispose();
    }

    private async Task FollowAsync(string runId, string hub, RunLimits limits)
    {
        await Task.Yield();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await EndAsync(runId, hub, limits, _stopping.Token);
                break;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                RunLog.FollowFailed(log, e, runId);
                await PauseAsync();
            }
        }

        runs.Forget(runId);
        runs.Feed.Signal(runId);
        _following.TryRemove(runId, out _);
    }

    private async Task EndAsync(string runId, string hub, RunLimits limits, CancellationToken ct)
    {
        var row = await runs.FindAsync(runId, ct) ?? throw new InvalidOperationException($"run {runId} has no row");
        if (row.Run.State != RunState.Running)
        {
            return;
        }

        var left = row.Run.CreatedAt + TimeSpan.FromSeconds(limits.TimeoutSeconds) + Grace - clock.GetUtcNow();
        using var timeout = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        HubEnd? end;
        try
        {
            end = await hubs.WaitAsync(hub, runId, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            await hubs.TerminateAsync(hub, runId, ct);
            end = new HubEnd(RunState.Failed, null, $"the run did not end within {limits.TimeoutSeconds} s; check that the agent's pod runs ('castellan get agents')");
        }

        if (end is not null)
        {
            await ledger.EndAsync(row, end, ct);
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(Retry, clock, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop; the loop sees it.
        }
    }
}
