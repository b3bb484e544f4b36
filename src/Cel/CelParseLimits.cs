namespace Castellan.Cel;

/// <summary>How large an expression may be.</summary>
/// <param name="Length">Highest number of UTF-16 units.</param>
/// <param name="Depth">Highest nesting, of parentheses as well as of operators and selections that follow each other.</param>
public sealed record CelParseLimits(int Length = 100_000, int Depth = 200)
{
    /// <summary>The limits that apply when none are given.</summary>
    public static CelParseLimits Default { get; } = new();
}
