using Castellan.Storage;

namespace Castellan.Audit.Transparency;

/// <summary>How far the log is pruned: one row, worth as much as the signature in it.</summary>
internal static class PrunedTable
{
    internal static (long Through, string Note)? Find(IReadView view) =>
        view.First<(long, string)?>("select through, note from audit_pruned where id = 1", row => (row.GetInt64(0), row.GetString(1)));

    internal static void Put(IUnitOfWork unit, long through, SignedNote note) => unit.Execute(
        "insert into audit_pruned(id, through, note) values(1, $1, $2) on conflict(id) do update set through = excluded.through, note = excluded.note", through, note.ToString());
}
