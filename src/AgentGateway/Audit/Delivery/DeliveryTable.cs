using Castellan.Storage;

namespace Castellan.AgentGateway.Audit.Delivery;

/// <summary>How far each sink has come, and which gateway works for it. A gateway that lost its lease cannot move the position.</summary>
internal static class DeliveryTable
{
    internal static MigrationSet Migrations { get; } = new("audit-delivery",
    [
        new("create table audit_delivery(name text primary key, position integer not null, holder text not null, held_until integer not null) without rowid",
            "create table audit_delivery(name text primary key, position bigint not null, holder text not null, held_until bigint not null)"),
    ]);

    /// <summary>Notes a sink; one that is known keeps its position.</summary>
    internal static void Register(IUnitOfWork unit, string name, long start) =>
        unit.Execute("insert into audit_delivery(name, position, holder, held_until) values($1, $2, '', 0) on conflict(name) do nothing", name, start);

    /// <summary>Takes or keeps the lease of a sink.</summary>
    /// <returns>The position; null while another gateway holds the lease.</returns>
    internal static long? Hold(IUnitOfWork unit, string name, string holder, DateTimeOffset now, DateTimeOffset until) =>
        unit.Execute("update audit_delivery set holder = $2, held_until = $3 where name = $1 and (holder = $2 or held_until < $4)", name, holder, until, now) == 0
            ? null
            : unit.First("select position from audit_delivery where name = $1", row => row.GetInt64(0), name);

    /// <summary>Moves the position.</summary>
    /// <returns>False when another gateway has taken over.</returns>
    internal static bool Advance(IUnitOfWork unit, string name, string holder, long position) =>
        unit.Execute("update audit_delivery set position = $3 where name = $1 and holder = $2", name, holder, position) == 1;

    /// <summary>Gives the lease back.</summary>
    internal static void Release(IUnitOfWork unit, string name, string holder) => unit.Execute("update audit_delivery set held_until = 0 where name = $1 and holder = $2", name, holder);
}
