using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Budgets;

internal static class BudgetsRegistration
{
    /// <summary>Adds what keeps budgets.</summary>
    internal static IServiceCollection AddBudgets(this IServiceCollection services) =>
        services.AddSingleton<BudgetsInForce>().AddSingleton<PurseLedger>().AddSingleton<BudgetFacts>().AddSingleton<BudgetReports>().AddSingleton<BudgetEndpoints>();
}
