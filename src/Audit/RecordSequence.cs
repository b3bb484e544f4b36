using System.Globalization;
using System.Text;
using Castellan.Storage;

namespace Castellan.Audit;

/// <summary>
/// Gives records their places: number, hash of the chain, columns to find them by. A store that one process has for itself does so in the unit
/// of work that appends; its one writer is the order. Processes that share a database would wait for each other there, call by call. So they
/// only put the record down, in the same unit as the call that it is about, and one of them at a time takes up what waits, in batches.
/// </summary>
/// <remarks>
/// <para>Who may is decided by a lock that lasts as long as the transaction that numbers: it cannot be held by a dead process, nor used by one that
/// has lost it, because what it guards commits with it. So it is lease and fence at once.</para>
/// <para>What waits is taken in the order of keys. A key is drawn when its row is written, and who writes <c>completed</c> has seen <c>decided</c> commit:
/// so the records of a call keep their order, whichever processes wrote them.</para>
/// </remarks>
internal sealed class RecordSequence(Store store)
{
    private const string LockName = "audit";

    // The writer does nothing else meanwhile, and calls wait for it.
    private const int BatchSize = 256;

    /// <summary>Puts a record down; it is durable with the unit.</summary>
    internal void Put(IUnitOfWork unit, DateTimeOffset time, string body)
    {
        if (store.Shared is null)
        {
            Chain(unit, AuditLog.Head(unit), time, Encoding.UTF8.GetBytes(body));
        }
        else
        {
            unit.Post("insert into audit_pending(time, body) values($1, $2)", time, body);
        }
    }

    /// <summary>Numbers what waits, unless another process does so now.</summary>
    /// <exception cref="InvalidDataException">A row that waits is no record.</exception>
    internal Task TrySettleAsync(CancellationToken ct) => SettleAsync((shared, unit) => shared.TryLock(unit, LockName), ct);

    /// <summary>Numbers what waits. All that was durable when this began has its number when it ends.</summary>
    /// <exception cref="InvalidDataException">A row that waits is no record.</exception>
    internal Task SettleAsync(CancellationToken ct) => SettleAsync((shared, unit) =>
    {
        shared.Lock(unit, LockName);
        return true;
    }, ct);

    /// <summary>How many records wait, and since when.</summary>
    internal static (long Count, DateTimeOffset? Oldest) Waiting(IReadView view) =>
        view.First("select count(*), min(time) from audit_pending", row => (row.GetInt64(0), row.GetTimeOrNull(1)));

    private async Task SettleAsync(Func<SharedStore, IUnitOfWork, bool> enter, CancellationToken ct)
    {
        if (store.Shared is not { } shared)
        {
            return;
        }

        while (await store.ReadAsync(view => view.First("select 1 from audit_pending limit 1", row => row.GetInt64(0)), ct).ConfigureAwait(false) != 0)
        {
            if (!await store.WriteAloneAsync(unit => enter(shared, unit) && Settle(unit), ct).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <returns>Whether more may wait.</returns>
    private static bool Settle(IUnitOfWork unit)
    {
        var batch = unit.Query("select key, time, body from audit_pending order by key limit $1", row => (Key: row.GetInt64(0), Time: row.GetTime(1), Body: row.GetBytes(2)), BatchSize);
        if (batch.Count == 0)
        {
            return false;
        }

        var head = AuditLog.Head(unit);
        foreach (var (_, time, body) in batch)
        {
            head = Chain(unit, head, time, body);
        }

        unit.Post("delete from audit_pending where key = any(string_to_array($1, ',')::bigint[])", string.Join(',', batch.Select(b => b.Key.ToString(CultureInfo.InvariantCulture))));
        return batch.Count == BatchSize;
    }

    private static LogHead Chain(IUnitOfWork unit, LogHead head, DateTimeOffset time, ReadOnlySpan<byte> body)
    {
        var sequence = head.Sequence + 1;
        var numbered = RecordBody.Number(body, sequence);
        var facets = RecordFacets.Read(numbered) ?? throw new InvalidDataException("a row that waits for its number is no record; it was changed");
        var hash = StoredRecord.HashOf(head.Hash, numbered);
        unit.Post(
            "insert into audit_record(sequence, time, previous_hash, hash, body, call_id, run_id, stage, kind, namespace, agent, person, server, name, decision, status) "
            + "values($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            sequence, time, head.Hash, hash, Encoding.UTF8.GetString(numbered), facets.CallId, facets.RunId, facets.Stage, facets.Kind,
            facets.Namespace, facets.Agent, facets.Person, facets.Server, facets.Name, facets.Decision, facets.Status);
        return new(sequence, hash);
    }
}
