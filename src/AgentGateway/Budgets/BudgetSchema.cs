using Castellan.Storage;

namespace Castellan.AgentGateway.Budgets;

/// <summary>The table of purses. What single calls hold back stands in the calls' own rows.</summary>
internal static class BudgetSchema
{
    internal static MigrationSet Migrations { get; } = new("budget",
    [
        new("""
            create table budget_purse(
              budget text not null, scope text not null, starts_at integer not null, ends_at integer not null,
              calls_used integer not null default 0, tokens_used integer not null default 0, cost_used integer not null default 0,
              calls_reserved integer not null, tokens_reserved integer not null, cost_reserved integer not null,
              touched_at integer not null, primary key(budget, scope, starts_at, ends_at)) without rowid;
            create index budget_purse_ends on budget_purse(ends_at, touched_at);
            """,
            """
            create table budget_purse(
              budget text not null, scope text not null, starts_at bigint not null, ends_at bigint not null,
              calls_used bigint not null default 0, tokens_used bigint not null default 0, cost_used bigint not null default 0,
              calls_reserved bigint not null, tokens_reserved bigint not null, cost_reserved bigint not null,
              touched_at bigint not null, primary key(budget, scope, starts_at, ends_at));
            create index budget_purse_ends on budget_purse(ends_at, touched_at);
            """),
    ]);
}
