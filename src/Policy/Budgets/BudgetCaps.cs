namespace Castellan.Policy;

/// <summary>What a full purse holds; null does not limit.</summary>
/// <param name="Calls">Calls.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Cost">Money in millionths of the currency's unit.</param>
public sealed record BudgetCaps(long? Calls, long? Tokens, long? Cost)
{
    /// <summary>Whether a purse of which so much is gone has room for so much more.</summary>
    public bool HasRoom(BudgetAmounts gone, BudgetAmounts asked)
    {
        var sum = gone + asked;
        return !(sum.Calls > Calls) && !(sum.Tokens > Tokens) && !(sum.Cost > Cost);
    }

    /// <summary>How much of the purse is gone, by the limit of which most is: 1 is all of it.</summary>
    public double Fullness(BudgetAmounts gone) => Math.Max(Part(gone.Calls, Calls), Math.Max(Part(gone.Tokens, Tokens), Part(gone.Cost, Cost)));

    /// <summary>Says how much is gone of the limit of which most is, for example <c>87 of 100 calls</c>.</summary>
    public string Describe(BudgetAmounts gone)
    {
        var fullness = Fullness(gone);
        return Part(gone.Calls, Calls) == fullness && Calls is { } calls ? $"{gone.Calls} of {calls} calls"
            : Part(gone.Tokens, Tokens) == fullness && Tokens is { } tokens ? $"{gone.Tokens} of {tokens} tokens"
            : $"{Money.Write(gone.Cost)} of {Money.Write(Cost ?? 0)} cost";
    }

    /// <summary>Says which limit has no room, what is left of it and what is asked for, for example <c>2 of 100 calls left, and 3 are asked for</c>.</summary>
    public string DescribeLack(BudgetAmounts gone, BudgetAmounts asked) =>
        gone.Calls + asked.Calls > Calls ? $"{Math.Max(0, Calls.Value - gone.Calls)} of {Calls} calls left, and {asked.Calls} {(asked.Calls == 1 ? "is" : "are")} asked for"
        : gone.Tokens + asked.Tokens > Tokens ? $"{Math.Max(0, Tokens.Value - gone.Tokens)} of {Tokens} tokens left, and up to {asked.Tokens} are asked for"
        : $"{Money.Write(Math.Max(0, (Cost ?? 0) - gone.Cost))} of {Money.Write(Cost ?? 0)} cost left, and up to {Money.Write(asked.Cost)} is asked for";

    private static double Part(long gone, long? cap) => cap is { } most ? most == 0 ? 1 : (double)gone / most : 0;
}
