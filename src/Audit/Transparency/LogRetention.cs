using Castellan.Storage;

namespace Castellan.Audit.Transparency;

/// <summary>
/// Removes the texts of old records, and proves that it was this and nothing else: the hashes of all records stay, so that proofs and checkpoints hold,
/// and a statement signed by the log's key stands in the log itself.
/// </summary>
/// <param name="store">Where the log lies.</param>
/// <param name="log">The records.</param>
/// <param name="tree">The tree over them.</param>
/// <param name="key">The log's key.</param>
/// <param name="clock">Dates statements.</param>
public sealed class LogRetention(Store store, AuditLog log, TransparencyLog tree, NoteSigner key, TimeProvider clock)
{
    // A unit of work that removes more would keep calls waiting.
    private const int BatchSize = 2000;

    /// <summary>What would be pruned.</summary>
    /// <param name="before">Only records that are older; of the rest the log keeps the texts.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>The last record to go; 0 when none is old enough. Records go in bundles of 256.</returns>
    public async Task<PrunePlan> PlanAsync(DateTimeOffset before, CancellationToken ct)
    {
        var size = Checkpoint.Open(await tree.AdvanceAsync(ct).ConfigureAwait(false), tree.Verifier).Size;
        return await store.ReadAsync(view =>
        {
            // The newest record stays, whatever its age: the chain goes on from it.
            var kept = view.First("select min(sequence) from audit_record where time >= $1", row => row.GetInt64OrNull(0), before) ?? size;
            var through = Math.Min(kept - 1, size - 1) / TileAddress.FullWidth * TileAddress.FullWidth;
            var done = PrunedTable.Find(view)?.Through ?? 0;
            return through > done ? new PrunePlan(through, through - done) : new PrunePlan(done, 0);
        }, ct).ConfigureAwait(false);
    }

    /// <summary>Removes the texts of old records, and records that.</summary>
    /// <param name="before">Only records that are older.</param>
    /// <param name="who">Who wants it.</param>
    /// <param name="reason">Why; for example the policy.</param>
    /// <param name="ct">Ends the work; what was begun is finished by the next call.</param>
    /// <returns>What was pruned.</returns>
    public async Task<PrunePlan> PruneAsync(DateTimeOffset before, AuditWho who, string reason, CancellationToken ct)
    {
        var plan = await PlanAsync(before, ct).ConfigureAwait(false);
        if (plan.Records > 0)
        {
            var (root, head) = await store.ReadAsync(view => (
                MerkleTree.Root(TransparencyLog.Nodes(view, plan.Through), plan.Through),
                view.First("select hash from audit_record where sequence = $1", row => row.GetString(0), plan.Through) ?? throw new InvalidDataException($"record {plan.Through} is missing; the log was cut")), ct).ConfigureAwait(false);
            var now = clock.GetUtcNow();
            var statement = new PruneStatement(tree.Verifier.Name, plan.Through, root, head, before).Sign(key, now);
            await store.WriteAsync(unit => Record(unit, plan.Through, statement, new AuditRecord
            {
                Stage = AuditStage.Completed,
                Kind = AuditKind.Retention,
                Who = who,
                Why = new AuditWhy { Reason = reason },
                Where = new AuditWhere { Component = "gateway" },
                Outcome = new AuditOutcome { Status = "Pruned" },
                Retention = new AuditRetention { Through = plan.Through, Before = before.UtcDateTime, Statement = statement.ToString() },
            }), ct).ConfigureAwait(false);
            await log.SettleAsync(ct).ConfigureAwait(false);
        }

        await RemoveAsync(plan.Through, ct).ConfigureAwait(false);
        return plan;
    }

    // From here on the records count as pruned, whether or not they are gone already.
    private void Record(IUnitOfWork unit, long through, SignedNote statement, AuditRecord record)
    {
        store.Shared?.Lock(unit, "audit-retention");
        if (PrunedTable.Find(unit) is { } done && done.Through >= through)
        {
            return; // another process was faster
        }

        PrunedTable.Put(unit, through, statement);
        log.Append(unit, record);
    }

    private async Task RemoveAsync(long through, CancellationToken ct)
    {
        while (await store.WriteAsync(unit => unit.Execute(
            "delete from audit_record where sequence <= $1 and sequence < (select min(sequence) from audit_record) + $2", through, BatchSize), ct).ConfigureAwait(false) > 0)
        {
        }
    }
}

/// <summary>What is pruned.</summary>
/// <param name="Through">The last record whose text is gone; 0 for none.</param>
/// <param name="Records">How many go this time.</param>
public sealed record PrunePlan(long Through, long Records);
