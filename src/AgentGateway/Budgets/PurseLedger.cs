using Castellan.AgentGateway.Calls;
using Castellan.GatewayApi;
using Castellan.Policy;
using Castellan.Storage;

namespace Castellan.AgentGateway.Budgets;

/// <summary>Takes calls' charges out of purses and settles them, in the units of work that accept and end the calls.</summary>
internal sealed class PurseLedger(Store store, TimeProvider clock)
{
    private const int MostListed = 10_000;
    private const int MostRecent = 200;
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(7);
    private static readonly TimeSpan SessionsKept = TimeSpan.FromDays(90);

    /// <summary>Holds back what the call can use. The unit holds <see cref="LedgerLock"/>.</summary>
    /// <exception cref="BudgetExceededException">It does not fit; nothing of the unit is written.</exception>
    internal void Reserve(IUnitOfWork unit, CallSpec spec)
    {
        if (spec.Charge is not { } charge)
        {
            return;
        }

        foreach (var purse in charge.Purses)
        {
            if (!PurseTable.TryReserve(unit, purse, charge.Asked, clock.GetUtcNow()))
            {
                throw new BudgetExceededException(purse, PurseTable.Find(unit, purse.Key), charge.Asked);
            }
        }
    }

    /// <summary>Settles with what the call used, in a unit that holds <see cref="LedgerLock"/>, to the window in which it was accepted. Once: where the outcome is written for the first time.</summary>
    internal void Settle(IUnitOfWork unit, CallSpec spec, CallResult result)
    {
        if (spec.Charge is not { } charge)
        {
            return;
        }

        var used = UsedBy(charge, result);
        foreach (var purse in charge.Purses)
        {
            PurseTable.Settle(unit, purse.Key, charge.Asked, used, clock.GetUtcNow());
        }
    }

    /// <summary>The purses whose windows have not ended, by budget and scope.</summary>
    internal Task<List<Purse>> CurrentAsync(CancellationToken ct) => store.ReadAsync(view => PurseTable.Current(view, clock.GetUtcNow(), MostListed), ct);

    /// <summary>The purses of a budget that were paid from last.</summary>
    internal Task<List<Purse>> RecentAsync(string budget, CancellationToken ct) => store.ReadAsync(view => PurseTable.Recent(view, budget, clock.GetUtcNow(), MostRecent), ct);

    /// <summary>Purses as they stand together, in the order of their keys.</summary>
    internal Task<List<Purse>> FindAsync(IReadOnlyList<PurseKey> keys, CancellationToken ct) => store.ReadAsync(view => keys.Select(key => PurseTable.Find(view, key)).ToList(), ct);

    /// <summary>Removes the purses of windows long past.</summary>
    internal Task<int> PruneAsync(CancellationToken ct) => store.WriteAsync(unit =>
    {
        var now = clock.GetUtcNow();
        return PurseTable.Prune(unit, now - KeptAfterEnd, now - SessionsKept);
    }, ct);

    private static BudgetAmounts UsedBy(CallCharge charge, CallResult result)
    {
        if (result.Unspent ?? result.State is CallState.Denied or CallState.Refused or CallState.Expired)
        {
            return default;
        }

        // A model that was asked and did not say what it used, or was not heard any more, is taken to have used all that it could.
        return result.Response?.Usage is { } usage ? UsedBy(charge, usage) : charge.Asked;
    }

    private static BudgetAmounts UsedBy(CallCharge charge, Microsoft.Extensions.AI.UsageDetails usage)
    {
        var (input, output) = (usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0);
        var cached = Math.Clamp(usage.CachedInputTokenCount ?? 0, 0, input);
        return new BudgetAmounts(1, input + output, charge.Price?.Cost(input, cached, output) ?? 0);
    }
}
