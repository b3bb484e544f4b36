namespace Castellan.Policy;

/// <summary>What calls use and purses hold.</summary>
/// <param name="Calls">Model calls and tool calls.</param>
/// <param name="Tokens">Tokens read and written by models.</param>
/// <param name="Cost">Money in millionths of the currency's unit.</param>
public readonly record struct BudgetAmounts(long Calls, long Tokens, long Cost)
{
    /// <summary>The sum.</summary>
    public static BudgetAmounts operator +(BudgetAmounts left, BudgetAmounts right) => new(left.Calls + right.Calls, left.Tokens + right.Tokens, left.Cost + right.Cost);

    /// <summary>The difference.</summary>
    public static BudgetAmounts operator -(BudgetAmounts left, BudgetAmounts right) => new(left.Calls - right.Calls, left.Tokens - right.Tokens, left.Cost - right.Cost);
}
