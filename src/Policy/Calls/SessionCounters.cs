namespace Castellan.Policy;

/// <summary>What the session did before this call.</summary>
public sealed record SessionCounters
{
    /// <summary>Model calls.</summary>
    public long ModelCalls { get; init; }

    /// <summary>Tool calls that were let through.</summary>
    public long ToolCalls { get; init; }

    /// <summary>Calls that were denied.</summary>
    public long DeniedCalls { get; init; }

    /// <summary>Tokens, in and out.</summary>
    public long Tokens { get; init; }
}
