using System.Collections.Concurrent;
using System.Text.Json;
using Castellan.GatewayApi;
using Castellan.Rpc;
using Castellan.Workflows;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentRuntime.Runs;

/// <summary>
/// Does in the pod's own sidecar what the gateway wants. Commands come again after every crash and lost connection, so each looks first: a
/// run that the sidecar knows is not started, and an event or an end that nobody can take any more is done.
/// </summary>
internal sealed class SidecarRuns(DaprWorkflowClient sidecar, GatewayClient gateway, Insistence insistence, ILogger<SidecarRuns> log)
{
    private readonly ConcurrentDictionary<string, Lazy<Task>> _doing = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _started = new(StringComparer.Ordinal);

    /// <summary>Begins a command, unless it is under way.</summary>
    public void Take(RunCommand command, CancellationToken ct)
    {
        if (command.Kind == RunCommandKind.Start)
        {
            _started.TryAdd(command.RunId, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        _ = _doing.GetOrAdd(command.Id, _ => new(() => DoAsync(command, ct))).Value;
    }

    /// <summary>Completes when nothing is under way.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_doing.Values.Select(d => d.Value));

    private async Task DoAsync(RunCommand command, CancellationToken ct)
    {
        await Task.Yield(); // the receiver goes on receiving
        try
        {
            await (command.Kind == RunCommandKind.Start ? FollowAsync(command, ct) : TellAsync(command, ct)).ConfigureAwait(false);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // The process stops; the next one is told again.
        }
        catch (Exception e)
        {
            log.CommandFailed(command.Id, e.Message);
        }
        finally
        {
            if (command.Kind == RunCommandKind.Start && _started.TryRemove(command.RunId, out var started)) started.TrySetResult();
            _doing.TryRemove(command.Id, out _);
        }
    }

    private async Task FollowAsync(RunCommand command, CancellationToken ct)
    {
        var (runId, input) = (command.RunId, command.Input ?? throw new InvalidOperationException("the run's input is missing; use the same version of gateway and agent"));
        WorkflowState? ended;
        try
        {
            do
            {
                await StartAsync(runId, input, ct).ConfigureAwait(false);
                if (_started.TryGetValue(runId, out var started)) started.TrySetResult();
                ended = await EndAsync(runId, ct).ConfigureAwait(false);
                if (ended is null) log.RunLost(runId);
            }
            while (ended is null);
        }
        catch (RpcException e) when (IsRefusal(e))
        {
            await ReportAsync(runId, new(nameof(WorkflowRuntimeStatus.Failed), null, $"the agent's sidecar does not take the run: {e.Message}"), ct).ConfigureAwait(false);
            return;
        }
        await ReportAsync(runId, ReportOf(ended), ct).ConfigureAwait(false);
        if (ended.RuntimeStatus == WorkflowRuntimeStatus.Completed) await PurgeAsync(runId, ct).ConfigureAwait(false);
    }

    private Task StartAsync(string runId, RunInput input, CancellationToken ct) => insistence.UntilDoneAsync($"start run {runId}", async limit =>
    {
        // An id that is known is never started, whatever became of it: daprd would run an ended one anew.
        if ((await sidecar.GetWorkflowStateAsync(runId, getInputsAndOutputs: false, limit).ConfigureAwait(false)).Exists) return false;
        try
        {
            await sidecar.ScheduleNewWorkflowAsync(RunInput.Orchestration, runId, input, null, limit).ConfigureAwait(false);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            return false; // the answer to an earlier attempt was lost
        }
    }, e => e is RpcException refused && IsRefusal(refused), ct);

    /// <summary>Waits for the end; null if the sidecar does not know the run.</summary>
    private Task<WorkflowState?> EndAsync(string runId, CancellationToken ct) => insistence.UntilDoneAsync($"wait for run {runId}", async limit =>
    {
        try
        {
            return await sidecar.WaitForWorkflowCompletionAsync(runId, getInputsAndOutputs: true, limit).ConfigureAwait(false);
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            // Versions of daprd differ in how they say that there is none; this they all answer.
            if ((await sidecar.GetWorkflowStateAsync(runId, getInputsAndOutputs: false, limit).ConfigureAwait(false)).Exists) throw;
            return null;
        }
    }, _ => false, ct, mayLast: true);

    /// <summary>Raises an event or ends the run. It is done, too, when the run has no use for it any more.</summary>
    private async Task TellAsync(RunCommand command, CancellationToken ct)
    {
        var runId = command.RunId;
        if (_started.TryGetValue(runId, out var started)) await started.Task.WaitAsync(ct).ConfigureAwait(false);
        await insistence.UntilDoneAsync($"do {command.Id}", async limit =>
        {
            if (await sidecar.GetWorkflowStateAsync(runId, getInputsAndOutputs: false, limit).ConfigureAwait(false) is { Exists: false } or { IsWorkflowCompleted: true }) return false;
            try
            {
                await (command.Kind == RunCommandKind.Raise
                    ? sidecar.RaiseEventAsync(runId, command.EventName!, command.Payload, limit)
                    : sidecar.TerminateWorkflowAsync(runId, cancellation: limit)).ConfigureAwait(false);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                return false; // it ended in between
            }
            return true;
        }, _ => false, ct).ConfigureAwait(false);
        await insistence.UntilDoneAsync($"confirm {command.Id}", limit => DoneAsync(gateway.CompleteCommandAsync(command.Id, limit)), IsFinal, ct).ConfigureAwait(false);
    }

    private Task ReportAsync(string runId, RunReport report, CancellationToken ct) =>
        insistence.UntilDoneAsync($"report the end of run {runId}", limit => DoneAsync(gateway.EndRunAsync(runId, report, limit)), IsFinal, ct);

    // Dapr keeps histories for ever. What happened stands in the gateway's record; the history of a run that failed stays for whoever wants to know why.
    private async Task PurgeAsync(string runId, CancellationToken ct)
    {
        try
        {
            await sidecar.PurgeInstanceAsync(runId, ct).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            log.NotPurged(runId, e.Message);
        }
    }

    private static RunReport ReportOf(WorkflowState ended) => new(
        ended.RuntimeStatus.ToString(),
        ended.RuntimeStatus == WorkflowRuntimeStatus.Completed ? ended.ReadOutputAs<JsonElement?>() : null,
        ended.FailureDetails?.ErrorMessage);

    private static async Task<bool> DoneAsync(Task work)
    {
        await work.ConfigureAwait(false);
        return true;
    }

    // The input itself is refused, for example because it is longer than daprd's limit: trying again would change nothing.
    private static bool IsRefusal(RpcException e) => e.StatusCode is StatusCode.InvalidArgument or StatusCode.ResourceExhausted;

    private static bool IsFinal(Exception e) => e is GatewayException { IsTransient: false };
}
