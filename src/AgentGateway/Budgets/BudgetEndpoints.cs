using Castellan.AgentGateway.Endpoints;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Castellan.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Budgets;

/// <summary>Shows how purses stand.</summary>
internal sealed class BudgetEndpoints(BudgetsInForce budgets, PurseLedger purses, TokenAuthenticator tokens, AccessCheck access, TimeProvider clock)
{
    internal void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/budgets", (Delegate)ListAsync);

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "get", "budgets", null, null, context.RequestAborted);
        var now = clock.GetUtcNow();
        var kept = budgets.Set.All.ToDictionary(b => b.Key, StringComparer.Ordinal);
        var found = from purse in await purses.CurrentAsync(context.RequestAborted)
                    where kept.ContainsKey(purse.Key.Budget) && CallCharging.IsCurrent(purse.Key, kept[purse.Key.Budget], now)
                    select Describe(purse, kept[purse.Key.Budget]);
        return Results.Json(new ItemList<BudgetPurse>([.. found]), GatewayJson.Options);
    }

    private static BudgetPurse Describe(Purse purse, Budget budget) => new()
    {
        Budget = budget.Key,
        Kind = budget.Kind,
        Of = purse.Key.Scope,
        ResetsAt = purse.Key.ResetsAt,
        Used = Use(purse.Used),
        Reserved = Use(purse.Reserved),
        Limits = new BudgetUse(budget.Caps.Calls, budget.Caps.Tokens, budget.Caps.Cost is { } cost ? Money.Write(cost) : null),
    };

    private static BudgetUse Use(BudgetAmounts amounts) => new(amounts.Calls, amounts.Tokens, Money.Write(amounts.Cost));
}
