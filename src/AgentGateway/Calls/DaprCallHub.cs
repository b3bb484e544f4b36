using System.Collections.Concurrent;
using Castellan.GatewayApi;
using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// The gateway's app in a sidecar of its own process: daprd. Its history and the gateway's store cannot be written in one commit, so the
/// store comes first and what follows from it is repeated until the sidecar has it: starting a call twice under one id is refused, an event
/// that comes twice is not waited for.
/// </summary>
internal sealed partial class DaprCallHub(DaprWorkflowClient client, Store store, TimeProvider clock, ILogger<DaprCallHub> log) : ICallHub, IAsyncDisposable
{
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Lazy<Task>> _starting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _raising = new();
    private readonly CancellationTokenSource _stopping = new();

    public bool SharesStore => false;

    public async Task StartAsync(CallInput input, Action<IUnitOfWork> enlist, CancellationToken ct)
    {
        await store.WriteAsync(enlist, ct);
        _ = Starting(input);
    }

    public async Task WaitAsync(string callId, CancellationToken ct)
    {
        do
        {
            await StartedAsync(callId).WaitAsync(ct);
        }
        while (!await WaitedAsync(callId, ct));
    }

    public async Task RaiseDecisionAsync(string callId, Action<IUnitOfWork>? enlist, CancellationToken ct)
    {
        if (enlist is not null)
        {
            await store.WriteAsync(enlist, ct);
        }

        var raising = RaiseAsync(callId);
        _raising[raising] = true;
        await raising.WaitAsync(ct);
    }

    /// <summary>Starts the calls again that were accepted and have not ended; those that the sidecar knows it refuses, and that is well.</summary>
    public async Task RecoverAsync(CancellationToken ct)
    {
        foreach (var spec in await store.ReadAsync(CallTable.Open, ct))
        {
            _ = Starting(new CallInput(spec.CallId, spec.Decision.ExpiresAt));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll([.. _starting.Values.Select(s => s.Value), .. _raising.Keys]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Waits for the end; false if the sidecar does not know the call although it is open: then its start is on the way.</summary>
    private async Task<bool> WaitedAsync(string callId, CancellationToken ct)
    {
        try
        {
            await client.WaitForWorkflowCompletionAsync(callId, getInputsAndOutputs: false, ct);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            if (await store.ReadAsync(view => CallTable.Find(view, callId), ct) is not { Result: null })
            {
                return true; // it ended, and its history is gone already
            }

            await Task.Delay(FirstPause, clock, ct);
            return false;
        }
    }

    // Kept until it is done, and awaited at disposal.
    private Task Starting(CallInput input) => _starting.GetOrAdd(input.CallId, _ => new(() => StartUntilTakenAsync(input))).Value;

    private Task StartedAsync(string callId) => _starting.TryGetValue(callId, out var starting) ? starting.Value : Task.CompletedTask;

    private async Task StartUntilTakenAsync(CallInput input)
    {
        await UntilTakenAsync(input.CallId, StatusCode.AlreadyExists, ct => client.ScheduleNewWorkflowAsync(nameof(CallOrchestration), input.CallId, input, null, ct));
        _starting.TryRemove(input.CallId, out _);
    }

    private async Task RaiseAsync(string callId)
    {
        await Task.Yield();
        await StartedAsync(callId);
        await UntilTakenAsync(callId, StatusCode.NotFound, ct => client.RaiseEventAsync(callId, CallOrchestration.DecisionEvent, true, ct));
    }

    /// <summary>Tries until the sidecar takes it, or refuses in the one way that says it is not needed.</summary>
    private async Task UntilTakenAsync(string callId, StatusCode notNeeded, Func<CancellationToken, Task> attempt)
    {
        var pause = FirstPause;
        while (!_stopping.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(AttemptLimit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
            try
            {
                await attempt(either.Token);
                return;
            }
            catch (RpcException e) when (e.StatusCode == notNeeded)
            {
                return;
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException && !_stopping.IsCancellationRequested)
            {
                LogAway(callId, e.Message);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return; // the next start takes it up
            }

            await Task.Delay(pause, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The workflow sidecar does not take call {CallId}: {Reason}; it is tried again")]
    private partial void LogAway(string callId, string reason);
}
