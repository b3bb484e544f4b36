namespace Castellan.Policy;

/// <summary>How a purse stands that a call would be paid from.</summary>
/// <param name="Used">What is gone: used, or held back for other calls.</param>
/// <param name="Left">What there is room for; absent members are not limited.</param>
public sealed record CallBudget(BudgetAmounts Used, BudgetCaps Left);
