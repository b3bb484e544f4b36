using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar;

/// <summary>What is known of an instance beside its history.</summary>
internal sealed record InstanceRow
{
    /// <summary>Key in the store; 0 while it is not stored.</summary>
    public long Key { get; init; }

    public required string Id { get; init; }

    public required string ExecutionId { get; init; }

    public required string Name { get; init; }

    public string? Version { get; init; }

    public OrchestrationStatus Status { get; init; } = OrchestrationStatus.Pending;

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Completed { get; init; }

    public DateTimeOffset? Scheduled { get; init; }

    public string? Input { get; init; }

    public string? Output { get; init; }

    public string? CustomStatus { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    public long? ParentKey { get; init; }

    public ParentInstanceInfo? Parent { get; init; }

    public InstanceTags? Tags { get; init; }

    /// <summary>Whether another replica works on it, or none: this one may look at it, and write into its inbox.</summary>
    public bool IsForeign { get; init; }

    public bool IsEnded => Status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled;

    public InstanceState ToState(bool payloads)
    {
        var state = Describe(payloads);
        if (Tags is { } tags)
        {
            state.Tags.Add(tags.Tags);
        }

        return state;
    }

    private InstanceState Describe(bool payloads) => new()
    {
        InstanceId = Id,
        Name = Name,
        Version = Version,
        WorkflowStatus = Status,
        ScheduledStartTimestamp = Scheduled is { } scheduled ? Timestamp.FromDateTimeOffset(scheduled) : null,
        CreatedTimestamp = Timestamp.FromDateTimeOffset(Created),
        LastUpdatedTimestamp = Timestamp.FromDateTimeOffset(Updated),
        StartedAt = Started is { } started ? Timestamp.FromDateTimeOffset(started) : null,
        CompletedTimestamp = Completed is { } completed ? Timestamp.FromDateTimeOffset(completed) : null,
        ExecutionId = ExecutionId,
        ParentInstanceId = Parent?.WorkflowInstance?.InstanceId,
        Input = payloads ? Input : null,
        Output = payloads ? Output : null,
        CustomStatus = payloads ? CustomStatus : null,
        FailureDetails = payloads ? Failure : null,
    };
}
