using Microsoft.Extensions.Logging;

namespace Castellan.Workflows;

/// <summary>
/// What an orchestration may do. Its code is replayed from history, so it decides only from its input and from what this context returns:
/// no clocks, random numbers, I/O or threads of its own. Every wait is one of these methods.
/// </summary>
public abstract class WorkflowContext : IWorkflowContext
{
    /// <summary>The registered name of the orchestration.</summary>
    public abstract string Name { get; }

    /// <summary>The id of this instance, unique in its hub.</summary>
    public abstract string InstanceId { get; }

    /// <inheritdoc/>
    public abstract DateTime CurrentUtcDateTime { get; }

    /// <inheritdoc/>
    public abstract bool IsReplaying { get; }

    /// <inheritdoc/>
    public abstract bool IsPatched(string patchName);

    /// <summary>Runs an activity and waits for it.</summary>
    /// <exception cref="WorkflowTaskFailedException">The activity failed, after the retries that <paramref name="options"/> allow.</exception>
    public virtual Task CallActivityAsync(string name, object? input = null, WorkflowTaskOptions? options = null) =>
        CallActivityAsync<object?>(name, input, options);

    /// <summary>Runs an activity and waits for its result.</summary>
    /// <param name="name">The registered name of the activity.</param>
    /// <param name="input">Serialised to JSON.</param>
    /// <param name="options">Retries; <see langword="null"/> tries once.</param>
    /// <exception cref="WorkflowTaskFailedException">The activity failed, after the retries that <paramref name="options"/> allow.</exception>
    public abstract Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null);

    /// <summary>Waits durably for a span of time.</summary>
    public virtual Task CreateTimer(TimeSpan delay, CancellationToken cancellationToken = default) =>
        CreateTimer(CurrentUtcDateTime.Add(delay), cancellationToken);

    /// <summary>Waits durably until a moment (UTC).</summary>
    /// <exception cref="TaskCanceledException"><paramref name="cancellationToken"/> was cancelled by the orchestration.</exception>
    public abstract Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken);

    /// <summary>Waits for an event raised under a name (compared without case). Events that came before are kept and taken in order.</summary>
    public abstract Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default);

    /// <summary>Waits for an event, at most for a time.</summary>
    /// <exception cref="TaskCanceledException">The time passed first.</exception>
    public abstract Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout);

    /// <summary>Raises an event on another instance of the same hub. Dapr's own sidecar cannot deliver it (dapr/dapr#8243); the embedded one does.</summary>
    public abstract void SendEvent(string instanceId, string eventName, object payload);

    /// <summary>Sets a value that clients see while the orchestration runs.</summary>
    public abstract void SetCustomStatus(object? customStatus);

    /// <summary>Runs another orchestration and waits for its result.</summary>
    /// <exception cref="WorkflowTaskFailedException">The child failed, was terminated or could not start.</exception>
    public abstract Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null);

    /// <summary>Runs another orchestration and waits for its end.</summary>
    /// <exception cref="WorkflowTaskFailedException">The child failed, was terminated or could not start.</exception>
    public virtual Task CallChildWorkflowAsync(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null) =>
        CallChildWorkflowAsync<object?>(workflowName, input, options);

    /// <summary>A logger that is silent while history is replayed, so that each line appears once.</summary>
    public abstract ILogger CreateReplaySafeLogger(string categoryName);

    /// <inheritdoc cref="CreateReplaySafeLogger(string)"/>
    public virtual ILogger CreateReplaySafeLogger(Type type) => CreateReplaySafeLogger(type.FullName ?? type.Name);

    /// <inheritdoc cref="CreateReplaySafeLogger(string)"/>
    public virtual ILogger CreateReplaySafeLogger<T>() => CreateReplaySafeLogger(typeof(T));

    /// <summary>Ends this execution and starts the orchestration again with an empty history and a new input. Return right after it.</summary>
    /// <param name="newInput">Input of the next execution.</param>
    /// <param name="preserveUnprocessedEvents">Whether events that nobody waited for go along.</param>
    public abstract void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true);

    /// <summary>A GUID that is the same at every replay.</summary>
    public abstract Guid NewGuid();
}

/// <summary>What the tools around an orchestration need to know of its replay.</summary>
public interface IWorkflowContext
{
    /// <summary>Whether history is being replayed now.</summary>
    bool IsReplaying { get; }

    /// <summary>Whether this execution takes the code path guarded by a patch: true for executions that reach it first with this code.</summary>
    bool IsPatched(string patchName);

    /// <summary>The time of the current turn (UTC); the same at every replay.</summary>
    DateTime CurrentUtcDateTime { get; }
}
