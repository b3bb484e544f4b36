using Castellan.AgentGateway.Calls;
using Castellan.Policy;
using DecisionEffect = Castellan.GatewayApi.DecisionEffect;

namespace Castellan.AgentGateway.Budgets;

/// <summary>A call does not fit into a purse: the unit of work that was to accept it is undone, and the call is denied.</summary>
internal sealed class BudgetExceededException(PurseCharge charge, Purse purse, BudgetAmounts asked) : Exception(Reason(charge, purse, asked))
{
    /// <summary>The call as one that its budget denies.</summary>
    internal CallSpec Deny(CallSpec spec) => Denied(spec, charge.Kind, charge.Key.Budget, Message);

    /// <summary>A call that a budget denies: its decision names the budget where another names policy and rule. No rule's name holds a capital.</summary>
    internal static CallSpec Denied(CallSpec spec, string kind, string budget, string reason) => spec with
    {
        Charge = null,
        Decision = spec.Decision with { Effect = DecisionEffect.Deny, Rule = kind, Policy = budget, Reason = reason, Demands = [], ExpiresAt = null, Obligations = null },
    };

    private static string Reason(PurseCharge charge, Purse purse, BudgetAmounts asked) =>
        $"budget {charge.Key.Budget} of {charge.Key.Scope} has {charge.Caps.DescribeLack(purse.Gone, asked)}; "
        + (charge.Key.ResetsAt is { } end ? $"it is full again at {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "it lasts as long as the session: start a new one");
}
