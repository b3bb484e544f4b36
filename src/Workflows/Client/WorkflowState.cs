using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;

namespace Castellan.Workflows;

/// <summary>What a client sees of an instance.</summary>
public sealed class WorkflowState
{
    private readonly InstanceState? _state;
    private readonly WorkflowJson _json;

    internal WorkflowState(GetInstanceResponse response, WorkflowJson json)
    {
        _state = response.Exists ? response.WorkflowState : null;
        _json = json;
    }

    /// <summary>Registered name of the orchestration; <see langword="null"/> when there is no such instance.</summary>
    public string? WorkflowName => _state?.Name;

    /// <summary>Whether there is such an instance.</summary>
    public bool Exists => _state is not null;

    /// <summary>Whether its code is running now (not suspended, not pending, not ended).</summary>
    public bool IsWorkflowRunning => RuntimeStatus == WorkflowRuntimeStatus.Running;

    /// <summary>Whether it has ended.</summary>
    public bool IsWorkflowCompleted => RuntimeStatus is WorkflowRuntimeStatus.Completed or WorkflowRuntimeStatus.Failed
        or WorkflowRuntimeStatus.Terminated or WorkflowRuntimeStatus.Canceled;

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset CreatedAt => _state?.CreatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>When it last changed.</summary>
    public DateTimeOffset LastUpdatedAt => _state?.LastUpdatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>Where it stands.</summary>
    public WorkflowRuntimeStatus RuntimeStatus => _state is null ? WorkflowRuntimeStatus.Unknown : (WorkflowRuntimeStatus)(int)_state.WorkflowStatus;

    /// <summary>Why it failed.</summary>
    public WorkflowTaskFailureDetails? FailureDetails => _state?.FailureDetails is { } details ? Failure.ToModel(details) : null;

    /// <summary>Its input; default when there is none or it was not asked for.</summary>
    public T? ReadInputAs<T>() => _json.Read<T>(_state?.Input);

    /// <summary>Its output; default when there is none yet or it was not asked for.</summary>
    public T? ReadOutputAs<T>() => _json.Read<T>(_state?.Output);

    /// <summary>What it set with SetCustomStatus.</summary>
    public T? ReadCustomStatusAs<T>() => _json.Read<T>(_state?.CustomStatus);
}
