using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Budgets;

/// <summary>What to say of a budget in its status. Pure.</summary>
internal static class BudgetReport
{
    private const int MostPurses = 10;

    /// <param name="budget">The budget as it was read.</param>
    /// <param name="last">What was said of it last.</param>
    /// <param name="generation">Generation of its spec.</param>
    /// <param name="purses">Its purses from which something was paid.</param>
    /// <param name="now">Now (UTC).</param>
    internal static AgentBudgetStatus Of(Budget budget, AgentBudgetStatus? last, long? generation, IEnumerable<Purse> purses, DateTimeOffset now)
    {
        var verdict = budget.Fault is { } fault
            ? Verdict.No("BudgetInvalid", $"{fault}; until then the calls that it is about are denied")
            : Verdict.Yes("Ready", "the gateway keeps it");
        var fullest = purses.Where(p => CallCharging.IsCurrent(p.Key, budget, now)).OrderByDescending(p => budget.Caps.Fullness(p.Gone)).ThenBy(p => p.Key.Scope, StringComparer.Ordinal).Take(MostPurses).ToList();
        return new AgentBudgetStatus
        {
            ObservedGeneration = generation,
            Conditions = [Conditions.Next(last?.Conditions, ApiGroup.ReadyCondition, verdict, generation, now)],
            Fullest = fullest is [var first, ..] ? $"{first.Key.Scope}: {budget.Caps.Describe(first.Gone)}" : null,
            Purses = [.. fullest.Select(Describe)],
        };
    }

    private static BudgetPurseStatus Describe(Purse purse) => new()
    {
        Of = purse.Key.Scope,
        ResetsAt = purse.Key.ResetsAt?.UtcDateTime,
        Calls = purse.Gone.Calls,
        Tokens = purse.Gone.Tokens,
        Cost = Money.Write(purse.Gone.Cost),
    };
}
