using Castellan.Policy;

namespace Castellan.AgentGateway.Budgets;

/// <summary>
/// What budgets hold back for a call, pinned when it is accepted. It stands in the call's row: the row is the reservation, it is made with the
/// acceptance and ends with the outcome, each in one commit with the purses.
/// </summary>
internal sealed record CallCharge
{
    /// <summary>What is held back in each purse: as much as the call can use at most.</summary>
    public required BudgetAmounts Asked { get; init; }

    /// <summary>The purses, by key: one order for all calls.</summary>
    public required IReadOnlyList<PurseCharge> Purses { get; init; }

    /// <summary>Prices of the model, by which what it reports to have used is settled; null for tool calls and where no price is known.</summary>
    public TokenPrice? Price { get; init; }

    /// <summary>Most tokens that the model is asked to write, where its ModelConfig does not say: what is held back has to suffice.</summary>
    public int? MaxOutputTokens { get; init; }
}

/// <summary>One purse of a call.</summary>
/// <param name="Key">Which.</param>
/// <param name="Kind">Kind of its budget.</param>
/// <param name="Caps">What it holds when it is full, as the budget said when the call was accepted.</param>
internal sealed record PurseCharge(PurseKey Key, string Kind, BudgetCaps Caps);

/// <summary>Names a purse.</summary>
/// <param name="Budget">Key of the budget.</param>
/// <param name="Scope">Whose it is, for example <c>agent default/triage</c>.</param>
/// <param name="StartsAt">Begin of its window; the earliest time for one that lasts as long as its session.</param>
/// <param name="EndsAt">End of its window; the latest time for one that lasts as long as its session.</param>
internal sealed record PurseKey(string Budget, string Scope, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
{
    /// <summary>When it is full again; null for one that lasts as long as its session.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateTimeOffset? ResetsAt => EndsAt == DateTimeOffset.MaxValue ? null : EndsAt;
}
