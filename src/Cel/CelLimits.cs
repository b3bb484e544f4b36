namespace Castellan.Cel;

/// <summary>How much one evaluation may do.</summary>
/// <param name="Cost">
/// Highest cost: about 1 per function call, per element visited and per 10 characters of text touched. The default takes some
/// tens of milliseconds at the very most.
/// </param>
public sealed record CelLimits(long Cost = 1_000_000)
{
    /// <summary>The limits that apply when none are given.</summary>
    public static CelLimits Default { get; } = new();
}
