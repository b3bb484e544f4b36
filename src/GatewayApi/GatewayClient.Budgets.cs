namespace Castellan.GatewayApi;

public sealed partial class GatewayClient
{
    /// <summary>Lists the purses of budgets from which something was paid in the present window, by budget.</summary>
    public async Task<IReadOnlyList<BudgetPurse>> ListBudgetsAsync(CancellationToken ct) =>
        (await SendAsync<ItemList<BudgetPurse>>(HttpMethod.Get, "/v1/budgets", null, ct).ConfigureAwait(false)).Items;
}
