using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Policies;
using Castellan.Policy;

namespace Castellan.AgentGateway.Budgets;

/// <summary>How the purses stand that a call would be paid from: for rules that ask.</summary>
internal sealed class BudgetFacts(BudgetsInForce budgets, PurseLedger purses, TimeProvider clock)
{
    /// <summary>The purses by the key of their budget.</summary>
    internal async ValueTask<IReadOnlyDictionary<string, CallBudget>> ReadAsync(PolicyQuestion question, CancellationToken ct)
    {
        var agent = question.Principal.Kind == PrincipalKind.Agent ? question.Principal.Agent : null;
        var call = new BudgetedCall(question.Namespace, agent, question.OnBehalfOf, question.OnBehalfOfGroups, question.SessionId);
        var covering = budgets.Set.Covering(call).Where(b => b.Fault is null).ToList();
        if (covering.Count == 0)
        {
            return new Dictionary<string, CallBudget>();
        }

        var charges = CallCharging.PursesOf(call, covering, clock.GetUtcNow());
        var found = await purses.FindAsync([.. charges.Select(c => c.Key)], ct);
        return charges.Zip(found).ToDictionary(pair => pair.First.Key.Budget, pair => Of(pair.First, pair.Second, question.Charge));
    }

    // A call that was accepted holds something back itself: to the rules it must look as it did before.
    private static CallBudget Of(PurseCharge charge, Purse purse, CallCharge? own)
    {
        var gone = own?.Purses.Any(p => p.Key == charge.Key) is true ? purse.Gone - own.Asked : purse.Gone;
        return new CallBudget(gone, new BudgetCaps(Left(charge.Caps.Calls, gone.Calls), Left(charge.Caps.Tokens, gone.Tokens), Left(charge.Caps.Cost, gone.Cost)));
    }

    private static long? Left(long? cap, long gone) => cap is { } most ? Math.Max(0, most - gone) : null;
}
