using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.Policy;
using DecisionEffect = Castellan.GatewayApi.DecisionEffect;

namespace Castellan.AgentGateway.Budgets;

/// <summary>What budgets are to hold back for a call. Pure.</summary>
internal static class CallCharging
{
    /// <summary>The call with its charge; as it is if no budget is about it, denied if one that is cannot be kept.</summary>
    /// <param name="spec">The call, decided by policy.</param>
    /// <param name="budgets">The budgets in force.</param>
    /// <param name="modelOf">Finds the spec of a ModelConfig by its name; null if there is none.</param>
    /// <param name="now">Now (UTC).</param>
    internal static CallSpec Charge(CallSpec spec, BudgetSet budgets, Func<string, ModelConfigSpec?> modelOf, DateTimeOffset now)
    {
        if (spec.Decision.Effect == DecisionEffect.Deny || budgets.Covering(CallOf(spec)) is not { Count: > 0 } covering)
        {
            return spec;
        }

        if (covering.FirstOrDefault(b => b.Fault is not null) is { } faulty)
        {
            return BudgetExceededException.Denied(spec, faulty.Kind, faulty.Key, $"budget {faulty.Key} cannot be kept: {faulty.Fault}");
        }

        var charge = new CallCharge { Asked = new BudgetAmounts(1, 0, 0), Purses = PursesOf(CallOf(spec), covering, now) };
        return spec.Model is null ? spec with { Charge = charge } : ChargeModel(spec, modelOf(spec.ModelName!), charge, covering);
    }

    /// <summary>What budgets have to know of a call.</summary>
    internal static BudgetedCall CallOf(CallSpec spec) => new(
        spec.Namespace, spec.Principal.Kind == PrincipalKind.Agent ? spec.Principal.Agent : null, spec.OnBehalfOf, spec.OnBehalfOfGroups, spec.Run?.SessionId);

    /// <summary>The purses that a call is paid from at a time.</summary>
    internal static IReadOnlyList<PurseCharge> PursesOf(BudgetedCall call, IReadOnlyList<Budget> covering, DateTimeOffset now) =>
        [.. covering.Select(budget => new PurseCharge(KeyOf(budget, budget.ScopeOf(call)!, now), budget.Kind, budget.Caps))];

    /// <summary>Whether a purse is of the budget's present window; one that began under another length of window is not.</summary>
    internal static bool IsCurrent(PurseKey key, Budget budget, DateTimeOffset now) => key == KeyOf(budget, key.Scope, now);

    private static CallSpec ChargeModel(CallSpec spec, ModelConfigSpec? model, CallCharge charge, IReadOnlyList<Budget> covering)
    {
        var price = model is null ? null : TokenPrice.Of(model);
        if (model is not null && price is null && covering.FirstOrDefault(b => b.Caps.Cost is not null) is { } blind)
        {
            return BudgetExceededException.Denied(spec, blind.Kind, blind.Key, $"budget {blind.Key} limits cost, but model {spec.ModelName} has no price; set spec.price of the ModelConfig");
        }

        if (covering.All(b => b.Caps is { Tokens: null, Cost: null }))
        {
            return spec with { Charge = charge with { Price = price } };
        }

        var most = TokenEstimate.Of(model, spec.Model!);
        return spec with
        {
            Charge = charge with
            {
                Asked = new BudgetAmounts(1, most.Total, most.Cost(price)),
                Price = price,
                MaxOutputTokens = model?.Parameters?.MaxOutputTokens is null && most.Output > 0 ? most.Output : null,
            },
        };
    }

    private static PurseKey KeyOf(Budget budget, string scope, DateTimeOffset now)
    {
        var (start, end) = budget.Window?.At(now) ?? (DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        return new PurseKey(budget.Key, scope, start, end);
    }
}
