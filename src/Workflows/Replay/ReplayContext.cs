using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Replay;

/// <summary>The context of one execution. Its methods only note what the code asks for; the execution resolves them from history.</summary>
internal sealed class ReplayContext(OrchestrationIdentity identity, WorkflowJson json, ILoggerFactory loggers) : WorkflowContext
{
    private int _turnThread;
    private int _guids;
    private DateTime _now;

    public StepTable Steps { get; } = new();

    public EventBuffer Events { get; } = new();

    public PatchSet Patches { get; } = new();

    public string? CustomStatus { get; private set; }

    /// <summary>Set by <see cref="ContinueAsNew"/>.</summary>
    public (string? Input, bool KeepEvents)? Next { get; private set; }

    /// <summary>Why the execution cannot be trusted, when code ran outside its turn.</summary>
    public string? Violation { get; private set; }

    public bool Replaying { get; set; }

    public override string Name => identity.Name;

    public override string InstanceId => identity.InstanceId;

    public override DateTime CurrentUtcDateTime => _now;

    public override bool IsReplaying => Replaying;

    /// <summary>Binds the context to the calling thread for the time of one turn.</summary>
    public void EnterTurn() => _turnThread = Environment.CurrentManagedThreadId;

    public void LeaveTurn() => _turnThread = 0;

    public void SetTime(DateTime now) => _now = now;

    public override bool IsPatched(string patchName)
    {
        EnsureOnTurn();
        return Patches.IsTaken(patchName, Replaying);
    }

    public override async Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null)
    {
        EnsureOnTurn();
        var payload = json.Write(input);
        string? key = null;
        var result = await RetryAsync(options?.RetryPolicy, () =>
        {
            var id = Steps.NextId();
            key ??= StableGuid.From($"{identity.ExecutionId}|{identity.InstanceId}|{id}|{name}").ToString();
            return Steps.Add(new() { Id = id, ScheduleTask = new() { Name = name, Input = payload, TaskExecutionId = key }, Router = Route(options) });
        }, timer => timer.ActivityRetry = new() { TaskExecutionId = key }).ConfigureAwait(false);
        return json.Read<T>(result)!;
    }

    public override async Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null)
    {
        EnsureOnTurn();
        var payload = json.Write(input);
        var childId = "";
        var result = await RetryAsync(options?.RetryPolicy, () =>
        {
            var id = Steps.NextId();
            childId = options?.InstanceId ?? $"{InstanceId}:{StableGuid.From($"{identity.ExecutionId}|{InstanceId}|{id}").ToString("N")[..12]}";
            return Steps.Add(new() { Id = id, CreateChildWorkflow = new() { InstanceId = childId, Name = workflowName, Input = payload }, Router = Route(options) });
        }, timer => timer.ChildWorkflowRetry = new() { InstanceId = childId }).ConfigureAwait(false);
        return json.Read<TResult>(result)!;
    }

    public override async Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        EnsureOnTurn();
        cancellationToken.ThrowIfCancellationRequested();
        var (id, fired) = AddTimer(fireAt, timer => timer.CreateTimer = new());
        if (!cancellationToken.CanBeCanceled)
        {
            await fired.ConfigureAwait(false);
            return;
        }

        var cancelled = new TaskCompletionSource();
        using var registration = cancellationToken.Register(() => cancelled.TrySetCanceled(cancellationToken));
        if (await Task.WhenAny(fired, cancelled.Task).ConfigureAwait(false) != fired)
        {
            Steps.Forget(id); // there is no way to withdraw a timer: it will fire into nothing
            throw new TaskCanceledException("the timer was cancelled", null, cancellationToken);
        }
    }

    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default)
    {
        EnsureOnTurn();
        cancellationToken.ThrowIfCancellationRequested();
        return json.Read<T>(await Events.Wait(eventName, cancellationToken).ConfigureAwait(false))!;
    }

    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        EnsureOnTurn();
        using var expired = new CancellationTokenSource();
        var raised = Events.Wait(eventName, expired.Token);
        if (!raised.IsCompleted && timeout != Timeout.InfiniteTimeSpan)
        {
            var (id, fired) = AddTimer(_now + timeout, timer => timer.ExternalEvent = new() { Name = eventName });
            if (await Task.WhenAny(raised, fired).ConfigureAwait(false) != raised)
            {
                expired.Cancel(); // at once: CancelAsync would leave the thread of the turn
                throw new TaskCanceledException($"event '{eventName}' did not come within {timeout}");
            }

            Steps.Forget(id);
        }

        return json.Read<T>(await raised.ConfigureAwait(false))!;
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        EnsureOnTurn();
        Steps.AddUnawaited(new()
        {
            Id = Steps.NextId(),
            SendEvent = new() { Instance = new() { InstanceId = instanceId }, Name = eventName, Data = json.Write(payload) },
        });
    }

    public override void SetCustomStatus(object? customStatus)
    {
        EnsureOnTurn();
        CustomStatus = json.Write(customStatus);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        EnsureOnTurn();
        Next = (json.Write(newInput), preserveUnprocessedEvents);
    }

    public override Guid NewGuid()
    {
        EnsureOnTurn();
        return StableGuid.From($"{identity.ExecutionId}|{InstanceId}|guid|{_guids++}");
    }

    public override ILogger CreateReplaySafeLogger(string categoryName) => new ReplaySafeLogger(loggers.CreateLogger(categoryName), () => Replaying);

    private TaskRouter? Route(WorkflowTaskOptions? options) =>
        options?.TargetAppId is { Length: > 0 } target ? new() { SourceAppID = identity.AppId, TargetAppID = target } : null;

    private (int Id, Task Fired) AddTimer(DateTime fireAt, Action<CreateTimerAction> origin)
    {
        var utc = fireAt.Kind == DateTimeKind.Local ? fireAt.ToUniversalTime() : DateTime.SpecifyKind(fireAt, DateTimeKind.Utc);
        var action = new WorkflowAction { Id = Steps.NextId(), CreateTimer = new() { FireAt = Timestamp.FromDateTime(utc) } };
        origin(action.CreateTimer);
        return (action.Id, Steps.Add(action));
    }

    private async Task<string?> RetryAsync(WorkflowRetryPolicy? policy, Func<Task<string?>> attempt, Action<CreateTimerAction> origin)
    {
        var first = _now;
        for (var number = 1; ; number++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (StepFailedException failed) when (MayRetry(failed, policy, number, first))
            {
                await AddTimer(_now + policy!.DelayAfter(number), origin).Fired.ConfigureAwait(false);
            }
        }
    }

    private bool MayRetry(StepFailedException failed, WorkflowRetryPolicy? policy, int number, DateTime first) =>
        policy is not null && !failed.IsNonRetriable && number < policy.MaxNumberOfAttempts
        && (policy.RetryTimeout == Timeout.InfiniteTimeSpan || _now + policy.DelayAfter(number) <= first + policy.RetryTimeout);

    private void EnsureOnTurn()
    {
        if (_turnThread != Environment.CurrentManagedThreadId)
        {
            Violation ??= $"orchestration '{Name}' used its context outside its turn, on another thread; wait only for what WorkflowContext returns "
                + "(no Task.Run, Task.Delay, Task.Yield or I/O), and move other work into an activity";
            throw new NonDeterministicOrchestrationException(Violation);
        }
    }
}

/// <summary>Who an execution is.</summary>
/// <param name="Name">Registered name.</param>
/// <param name="InstanceId">The instance.</param>
/// <param name="ExecutionId">Changes with continue-as-new.</param>
/// <param name="AppId">The Dapr app that it runs in; empty on the embedded sidecar.</param>
internal sealed record OrchestrationIdentity(string Name, string InstanceId, string ExecutionId, string AppId);
