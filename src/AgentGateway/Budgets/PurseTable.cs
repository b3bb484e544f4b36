using Castellan.Policy;
using Castellan.Storage;

namespace Castellan.AgentGateway.Budgets;

/// <summary>Purses as rows. A purse without a row is full.</summary>
internal static class PurseTable
{
    private const string Columns =
        "select budget, scope, starts_at, ends_at, calls_used, tokens_used, cost_used, calls_reserved, tokens_reserved, cost_reserved from budget_purse ";

    /// <summary>Holds back an amount if there is room for it. The database compares and adds in one statement.</summary>
    internal static bool TryReserve(IUnitOfWork unit, PurseCharge purse, BudgetAmounts asked, DateTimeOffset now)
    {
        var (key, caps) = (purse.Key, purse.Caps);
        return caps.HasRoom(default, asked) && unit.Execute(
            """
            insert into budget_purse(budget, scope, starts_at, ends_at, calls_reserved, tokens_reserved, cost_reserved, touched_at)
            values($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict(budget, scope, starts_at, ends_at) do update set
              calls_reserved = budget_purse.calls_reserved + $5, tokens_reserved = budget_purse.tokens_reserved + $6,
              cost_reserved = budget_purse.cost_reserved + $7, touched_at = $8
            where budget_purse.calls_used + budget_purse.calls_reserved + $5 <= $9
              and budget_purse.tokens_used + budget_purse.tokens_reserved + $6 <= $10
              and budget_purse.cost_used + budget_purse.cost_reserved + $7 <= $11
            """,
            key.Budget, key.Scope, key.StartsAt, key.EndsAt, asked.Calls, asked.Tokens, asked.Cost, now,
            caps.Calls ?? long.MaxValue, caps.Tokens ?? long.MaxValue, caps.Cost ?? long.MaxValue) == 1;
    }

    /// <summary>Gives back what was held back, and takes what was used.</summary>
    internal static void Settle(IUnitOfWork unit, PurseKey key, BudgetAmounts reserved, BudgetAmounts used, DateTimeOffset now) => unit.Post(
        """
        update budget_purse set
          calls_reserved = calls_reserved - $5, tokens_reserved = tokens_reserved - $6, cost_reserved = cost_reserved - $7,
          calls_used = calls_used + $8, tokens_used = tokens_used + $9, cost_used = cost_used + $10, touched_at = $11
        where budget = $1 and scope = $2 and starts_at = $3 and ends_at = $4
        """,
        key.Budget, key.Scope, key.StartsAt, key.EndsAt, reserved.Calls, reserved.Tokens, reserved.Cost, used.Calls, used.Tokens, used.Cost, now);

    /// <summary>A purse; full if it has no row.</summary>
    internal static Purse Find(IReadView view, PurseKey key) =>
        view.First(Columns + "where budget = $1 and scope = $2 and starts_at = $3 and ends_at = $4", Read, key.Budget, key.Scope, key.StartsAt, key.EndsAt)
        ?? new Purse(key, default, default);

    /// <summary>The purses whose window has not ended.</summary>
    internal static List<Purse> Current(IReadView view, DateTimeOffset now, int limit) =>
        view.Query(Columns + "where ends_at > $1 order by budget, scope, starts_at limit $2", Read, now, limit);

    /// <summary>The purses of a budget whose window has not ended, those paid from last first.</summary>
    internal static List<Purse> Recent(IReadView view, string budget, DateTimeOffset now, int limit) =>
        view.Query(Columns + "where budget = $1 and ends_at > $2 order by touched_at desc limit $3", Read, budget, now, limit);

    /// <summary>Removes purses that nothing can be booked to any more.</summary>
    /// <param name="unit">Where it is written.</param>
    /// <param name="ended">Those whose windows ended before this time.</param>
    /// <param name="untouched">Those of sessions that nothing was paid from since this time.</param>
    internal static int Prune(IUnitOfWork unit, DateTimeOffset ended, DateTimeOffset untouched) => unit.Execute(
        "delete from budget_purse where (ends_at < $1 or (ends_at = $2 and touched_at < $3)) and calls_reserved = 0 and tokens_reserved = 0 and cost_reserved = 0",
        ended, DateTimeOffset.MaxValue, untouched);

    private static Purse Read(SqlRow row) => new(
        new PurseKey(row.GetString(0), row.GetString(1), row.GetTime(2), row.GetTime(3)),
        new BudgetAmounts(row.GetInt64(4), row.GetInt64(5), row.GetInt64(6)), new BudgetAmounts(row.GetInt64(7), row.GetInt64(8), row.GetInt64(9)));
}

/// <summary>How a purse stands.</summary>
/// <param name="Key">Which.</param>
/// <param name="Used">What settled calls used.</param>
/// <param name="Reserved">What is held back for calls that have not ended.</param>
internal sealed record Purse(PurseKey Key, BudgetAmounts Used, BudgetAmounts Reserved)
{
    /// <summary>What there is no room for any more.</summary>
    internal BudgetAmounts Gone => Used + Reserved;
}
