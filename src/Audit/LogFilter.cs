namespace Castellan.Audit;

/// <summary>Which records to list. What is null does not matter; all that is given must match.</summary>
public sealed record LogFilter
{
    /// <summary>Only records after this sequence.</summary>
    public long After { get; init; }

    /// <summary>Most records: 1 to 1000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>True takes the newest that match instead of the oldest; the order is ascending either way.</summary>
    public bool Newest { get; init; }

    /// <summary>Only records of this call.</summary>
    public string? CallId { get; init; }

    /// <summary>Only records of this run.</summary>
    public string? RunId { get; init; }

    /// <summary>Only records that were appended then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only records that were appended before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only records of agents with this name.</summary>
    public string? Agent { get; init; }

    /// <summary>Only records of agents in this namespace; without an agent, of what was called there.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only records of what was done by or for this person.</summary>
    public string? User { get; init; }

    /// <summary>Only records about this tool server.</summary>
    public string? Server { get; init; }

    /// <summary>Only records about this tool, model or agent.</summary>
    public string? Tool { get; init; }

    /// <summary>Only records that say this decision: Allow, Deny, RequireApproval or RequireConfirmation.</summary>
    public string? Decision { get; init; }

    /// <summary>Only records that say this outcome, for example Completed, Failed or Denied.</summary>
    public string? Outcome { get; init; }

    /// <summary>Only records of this kind, for example tool, model or policy.</summary>
    public string? Kind { get; init; }

    /// <summary>Only records of this stage, for example decided or completed.</summary>
    public string? Stage { get; init; }
}
