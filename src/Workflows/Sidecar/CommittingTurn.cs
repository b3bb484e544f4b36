using Castellan.Storage;

namespace Castellan.Workflows;

/// <summary>A turn that is about to be committed, shown to the hub's observer so that its writes become durable with it.</summary>
/// <remarks>
/// If an enlisted write throws, the turn is not committed: a disk error is tried again, any other error fails the instance with that error, and none
/// of the activities that the turn asked for runs.
/// </remarks>
public sealed class CommittingTurn
{
    internal CommittingTurn(string instanceId, string workflowName, string? input)
    {
        InstanceId = instanceId;
        WorkflowName = workflowName;
        InputJson = input;
    }

    /// <summary>The instance.</summary>
    public string InstanceId { get; }

    /// <summary>Registered name of its orchestration.</summary>
    public string WorkflowName { get; }

    /// <summary>The input it was started with (JSON).</summary>
    public string? InputJson { get; }

    /// <summary>Whether this is the first turn of the instance.</summary>
    public bool IsFirst { get; internal init; }

    /// <summary>Activities that will be released when the turn is durable.</summary>
    public IReadOnlyList<ScheduledActivity> Activities { get; internal init; } = [];

    /// <summary>Where the instance stands after the turn.</summary>
    public WorkflowRuntimeStatus Status { get; internal init; }

    /// <summary>Its output (JSON), when the turn ends it.</summary>
    public string? OutputJson { get; internal init; }

    internal Action<IUnitOfWork>? Writes { get; private set; }

    /// <summary>Adds writes to the commit of this turn.</summary>
    public void Enlist(Action<IUnitOfWork> writes) => Writes += writes;
}

/// <summary>An activity that a turn asks for.</summary>
/// <param name="Name">Registered name.</param>
/// <param name="Step">Number of the step in the execution.</param>
/// <param name="InputJson">Its input (JSON).</param>
public sealed record ScheduledActivity(string Name, int Step, string? InputJson);
