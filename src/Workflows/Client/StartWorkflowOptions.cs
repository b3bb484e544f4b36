namespace Castellan.Workflows.Client;

/// <summary>How an orchestration is started.</summary>
public sealed class StartWorkflowOptions
{
    /// <summary>Its id; <see langword="null"/> makes one.</summary>
    public string? InstanceId { get; set; }

    /// <summary>When its first turn runs; <see langword="null"/>: now.</summary>
    public DateTimeOffset? StartAt { get; set; }
}

/// <summary>Builds <see cref="StartWorkflowOptions"/>.</summary>
public sealed class StartWorkflowOptionsBuilder
{
    private readonly StartWorkflowOptions _options = new();

    /// <summary>Sets the id.</summary>
    public StartWorkflowOptionsBuilder WithInstanceId(string instanceId)
    {
        _options.InstanceId = instanceId;
        return this;
    }

    /// <summary>Sets when the first turn runs.</summary>
    public StartWorkflowOptionsBuilder StartAt(DateTimeOffset startTime)
    {
        _options.StartAt = startTime;
        return this;
    }

    /// <summary>What was built.</summary>
    public StartWorkflowOptions Build() => _options;
}
