namespace Castellan.Cel;

/// <summary>How large an expression may be.</summary>
/// <param name="Length">Highest number of UTF-16 units.</param>
/// <param name="Depth">Highest nesting, of parentheses as well as of operators and selections that follow each other.</param>
/// <param name="Cost">
/// Highest <see cref="CelProgram.EstimatedCost"/>; none by default. It refuses what could not be evaluated within a limit anyway before it is
/// in force, for example loops over data that are nested four deep.
/// </param>
public sealed record CelParseLimits(int Length = 100_000, int Depth = 200, long Cost = long.MaxValue)
{
    /// <summary>The limits that apply when none are given.</summary>
    public static CelParseLimits Default { get; } = new();
}
