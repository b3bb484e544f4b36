namespace Castellan.Workflows;

/// <summary>Which instances of a hub to list; every condition that is set must hold.</summary>
public sealed record InstanceQuery
{
    /// <summary>Only these; empty: all.</summary>
    public IReadOnlyCollection<WorkflowRuntimeStatus> Statuses { get; init; } = [];

    /// <summary>Only orchestrations registered under this name.</summary>
    public string? Name { get; init; }

    /// <summary>Only ids that begin with this.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>Only those accepted at or after this.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Only those accepted at or before this.</summary>
    public DateTimeOffset? CreatedTo { get; init; }

    /// <summary>1 to 1,000 instances.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>From the page before; <see langword="null"/> begins with the newest.</summary>
    public string? ContinuationToken { get; init; }
}

/// <summary>A page of instances.</summary>
/// <param name="Instances">The newest first.</param>
/// <param name="ContinuationToken">Give it with the next query; <see langword="null"/> at the end.</param>
public sealed record InstancePage(IReadOnlyList<WorkflowInstanceSummary> Instances, string? ContinuationToken);

/// <summary>An instance without its payloads.</summary>
/// <param name="InstanceId">Unique in its hub.</param>
/// <param name="Name">Registered name of its orchestration.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="LastUpdatedAt">When it last changed.</param>
/// <param name="CompletedAt">When it ended; <see langword="null"/>: it has not.</param>
/// <param name="ParentInstanceId">Whose child it is.</param>
public sealed record WorkflowInstanceSummary(string InstanceId, string Name, WorkflowRuntimeStatus Status,
    DateTimeOffset CreatedAt, DateTimeOffset LastUpdatedAt, DateTimeOffset? CompletedAt, string? ParentInstanceId);

/// <summary>Which instances to purge; every condition that is set must hold.</summary>
public sealed record InstancePurgeFilter
{
    /// <summary>Only these; empty: all that have ended.</summary>
    public IReadOnlyCollection<WorkflowRuntimeStatus> Statuses { get; init; } = [];

    /// <summary>Only those accepted at or after this.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Only those accepted at or before this.</summary>
    public DateTimeOffset? CreatedTo { get; init; }

    /// <summary>Whether their children go along.</summary>
    public bool Recursive { get; init; } = true;

    /// <summary>Whether to remove also what has not ended. Activities that run are not interrupted, and nobody is told.</summary>
    public bool Force { get; init; }
}
