using Castellan.Workflows.Replay;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Worker;

/// <summary>
/// Takes work from a source, runs it within limits and answers. A lost connection is opened again with backoff. On stopping it takes nothing
/// new, finishes what runs, and only then lets go of the connection, because letting go makes the sidecar deliver again.
/// </summary>
internal sealed partial class WorkflowWorker(
    IWorkSource source, TurnRunner turns, ActivityRunner activities, WorkerLimits limits, ILogger<WorkflowWorker> log) : IHostedService, IWorkReceiver
{
    private readonly SemaphoreSlim _turnSlots = new(limits.MaxTurns);
    private readonly SemaphoreSlim _activitySlots = new(limits.MaxActivities);
    private readonly RunningTasks _running = new();
    private readonly CancellationTokenSource _connection = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _receiving = Task.CompletedTask;
    private int _failures;
    private volatile bool _draining;

    public WorkerConnection Connection { get; } = new();

    public int MaxTurns => limits.MaxTurns;

    public int MaxActivities => limits.MaxActivities;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _receiving = ReceiveAsync(); // a hub of this process is attached when this returns
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        var drained = _running.WhenAll();
        await Task.WhenAny(drained, Task.Delay(limits.DrainTimeout, limits.Clock, cancellationToken)).ConfigureAwait(false);
        if (!drained.IsCompleted)
        {
            LogNotDrained(_running.Count);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _connection.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        await _running.WhenAll().WaitAsync(limits.DrainTimeout, limits.Clock, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Connected()
    {
        _failures = 0;
        Connection.IsConnected = true;
        LogConnected(source.Name);
    }

    // Also while draining: a turn is short, and activities that end now need it to become durable.
    public void Receive(Turn turn) => _running.Add(RunAsync(turn));

    public void Receive(ActivityCall call)
    {
        if (!_draining)
        {
            _running.Add(RunAsync(call));
        }
    }

    private async Task ReceiveAsync()
    {
        while (!_connection.IsCancellationRequested)
        {
            try
            {
                await source.ReceiveAsync(this, _connection.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (!_connection.IsCancellationRequested)
            {
                Connection.Problem = error.Message;
                LogLost(source.Name, error.Message);
            }
            catch (Exception) when (_connection.IsCancellationRequested)
            {
                return;
            }

            Connection.IsConnected = false;
            turns.Clear();
            var delay = Backoff.After(++_failures);
            await Task.Delay(delay, limits.Clock, _connection.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(Turn turn)
    {
        await Task.Yield(); // the receiver's thread goes on receiving
        await _turnSlots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            var response = await turns.RunAsync(turn, _stopping.Token).ConfigureAwait(false);
            await AnswerAsync(ct => source.CompleteAsync(response, ct), turn.InstanceId).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            LogTurnFailed(turn.InstanceId, error);
        }
        finally
        {
            _turnSlots.Release();
        }
    }

    private async Task RunAsync(ActivityCall call)
    {
        await Task.Yield();
        await _activitySlots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (await activities.RunAsync(call, source.SharesStore, _stopping.Token).ConfigureAwait(false) is { } outcome)
            {
                await AnswerAsync(ct => source.CompleteAsync(outcome, ct), call.Request.WorkflowInstance.InstanceId).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            LogAnswerLost(call.Request.Name, call.Request.WorkflowInstance.InstanceId, error);
        }
        finally
        {
            _activitySlots.Release();
        }
    }

    // An answer is worth more than the work behind it: keep trying while the error may pass and the worker lives.
    private async Task AnswerAsync(Func<CancellationToken, Task> answer, string instance)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await answer(_stopping.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (source.IsTransient(error) && attempt < limits.MaxAnswerAttempts && !_stopping.IsCancellationRequested)
            {
                LogAnswerRepeated(instance, attempt, error.Message);
                await Task.Delay(Backoff.After(attempt), limits.Clock, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Worker attached to {Source}")]
    private partial void LogConnected(string source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worker lost {Source}: {Reason}; it attaches again")]
    private partial void LogLost(string source, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worker stops with {Count} items unfinished; they will be delivered again")]
    private partial void LogNotDrained(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of {Instance} was not answered; it will be delivered again")]
    private partial void LogTurnFailed(string instance, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outcome of activity {Activity} of {Instance} could not be reported; it will be delivered again")]
    private partial void LogAnswerLost(string activity, string instance, Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Answer for {Instance} failed (attempt {Attempt}): {Reason}; trying again")]
    private partial void LogAnswerRepeated(string instance, int attempt, string reason);
}

/// <summary>How much a worker does at a time and how long it waits.</summary>
internal sealed record WorkerLimits(int MaxTurns, int MaxActivities, TimeSpan DrainTimeout, int MaxAnswerAttempts, TimeProvider Clock);
