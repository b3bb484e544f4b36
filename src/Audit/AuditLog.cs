using Castellan.Storage;

namespace Castellan.Audit;

/// <summary>
/// The append-only log. Every record holds the hash of the one before, so an edited, removed or reordered record breaks the chain; a
/// head remembered elsewhere also shows a cut tail.
/// </summary>
/// <param name="store">Opened with <see cref="Schema"/>.</param>
/// <param name="clock">Dates the records.</param>
public sealed class AuditLog(Store store, TimeProvider clock)
{
    private const int PageSize = 1000;

    /// <summary>The log's tables. (<c>audit_claim</c> is of former versions; the gateway's schema moves its rows to <c>effect_claim</c>.)</summary>
    public static MigrationSet Schema { get; } = new("audit",
    [
        new("""
        create table audit_record(
          sequence integer primary key, time integer not null, call_id text, run_id text,
          previous_hash text not null, hash text not null, body text not null);
        create index audit_record_call on audit_record(call_id, sequence) where call_id is not null;
        create index audit_record_run on audit_record(run_id, sequence) where run_id is not null;
        create table audit_claim(
          call_id text primary key, arguments_digest text not null, attempt integer not null, claimed_at integer not null, ended_at integer);
        create index audit_claim_open on audit_claim(claimed_at) where ended_at is null;
        """,
        """
        create table audit_record(
          sequence bigint primary key, time bigint not null, call_id text, run_id text,
          previous_hash text not null, hash text not null, body text not null);
        create index audit_record_call on audit_record(call_id, sequence) where call_id is not null;
        create index audit_record_run on audit_record(run_id, sequence) where run_id is not null;
        create table audit_claim(
          call_id text primary key, arguments_digest text not null, attempt integer not null, claimed_at bigint not null, ended_at bigint);
        create index audit_claim_open on audit_claim(claimed_at) where ended_at is null;
        """),
        new("""
        create table audit_tile(level integer not null, place integer not null, hashes blob not null, primary key(level, place)) without rowid;
        create table audit_checkpoint(id integer primary key, size integer not null, time integer not null, note text not null);
        """,
        """
        create table audit_tile(level integer not null, place bigint not null, hashes bytea not null, primary key(level, place));
        create table audit_checkpoint(id integer primary key, size bigint not null, time bigint not null, note text not null);
        """),
    ]);

    /// <summary>Appends a record in a unit of work: it becomes durable with everything else in that unit, or not at all.</summary>
    /// <param name="unit">The unit; the head is read inside it, so that units that fail leave no gap.</param>
    /// <param name="record">What to record.</param>
    /// <returns>The record with its place in the chain.</returns>
    public StoredRecord Append(IUnitOfWork unit, AuditRecord record)
    {
        store.Shared?.Lock(unit, "audit"); // one chain, however many processes append to it
        var head = Head(unit);
        var time = clock.GetUtcNow();
        var sequence = head.Sequence + 1;
        var body = RecordBody.Write(record, sequence, time);
        var stored = new StoredRecord(sequence, time, head.Hash, StoredRecord.HashOf(head.Hash, body), body);
        unit.Post(
            "insert into audit_record(sequence, time, call_id, run_id, previous_hash, hash, body) values($1, $2, $3, $4, $5, $6, $7)",
            sequence, time, record.CallId, record.Where?.RunId, stored.PreviousHash, stored.Hash, body);
        return stored;
    }

    /// <summary>Appends a record in a unit of work of its own; completes when it is durable.</summary>
    public Task<StoredRecord> AppendAsync(AuditRecord record, CancellationToken ct) => store.WriteAsync(unit => Append(unit, record), ct);

    /// <summary>Where the log stands, as a view sees it.</summary>
    public static LogHead Head(IReadView view) =>
        view.First("select sequence, hash from audit_record order by sequence desc limit 1", row => new LogHead(row.GetInt64(0), row.GetString(1))) is { Sequence: > 0 } head
            ? head
            : LogHead.Empty;

    /// <summary>Where the log stands.</summary>
    public Task<LogHead> HeadAsync(CancellationToken ct) => store.ReadAsync(Head, ct);

    /// <summary>Lists records in ascending order.</summary>
    public Task<List<StoredRecord>> ListAsync(LogFilter filter, CancellationToken ct)
    {
        var limit = Math.Clamp(filter.Limit, 1, PageSize);
        return store.ReadAsync(view =>
        {
            var found = (filter.CallId, filter.RunId, filter.Newest) switch
            {
                ({ } call, _, _) => view.Query(Columns + "where call_id = $1 and sequence > $2 order by sequence limit $3", Read, call, filter.After, limit),
                (_, { } run, false) => view.Query(Columns + "where run_id = $1 and sequence > $2 order by sequence limit $3", Read, run, filter.After, limit),
                (_, { } run, true) => view.Query(Columns + "where run_id = $1 and sequence > $2 order by sequence desc limit $3", Read, run, filter.After, limit),
                (_, _, false) => view.Query(Columns + "where sequence > $1 order by sequence limit $2", Read, filter.After, limit),
                _ => view.Query(Columns + "where sequence > $1 order by sequence desc limit $2", Read, filter.After, limit),
            };
            if (filter.Newest && filter.CallId is null)
            {
                found.Reverse();
            }

            return found;
        }, ct);
    }

    /// <summary>One record; null if there is none.</summary>
    public Task<StoredRecord?> GetAsync(long sequence, CancellationToken ct) =>
        store.ReadAsync(view => view.First(Columns + "where sequence = $1", Read, sequence), ct);

    /// <summary>Reads the whole log and checks that every record follows from the one before.</summary>
    /// <param name="remembered">A head seen earlier; the log must still contain it. Null skips that check.</param>
    /// <param name="ct">Ends the check.</param>
    public Task<LogVerification> VerifyAsync(LogHead? remembered, CancellationToken ct) => VerifyAsync(remembered, _ => { }, ct);

    /// <param name="remembered">A head seen earlier.</param>
    /// <param name="passed">Is shown each record that holds, in order.</param>
    /// <param name="ct">Ends the check.</param>
    internal async Task<LogVerification> VerifyAsync(LogHead? remembered, Action<StoredRecord> passed, CancellationToken ct)
    {
        var check = new ChainCheck(remembered);
        while (true)
        {
            var after = check.Head.Sequence;
            var page = await store.ReadAsync(view => view.Query(Columns + "where sequence > $1 order by sequence limit $2", Read, after, PageSize), ct).ConfigureAwait(false);
            foreach (var record in page)
            {
                if (check.Next(record) is { } broken)
                {
                    return broken;
                }

                passed(record);
            }

            if (page.Count < PageSize)
            {
                return check.End();
            }
        }
    }

    private const string Columns = "select sequence, time, previous_hash, hash, body from audit_record ";

    private static StoredRecord Read(SqlRow row) => new(row.GetInt64(0), row.GetTime(1), row.GetString(2), row.GetString(3), row.GetString(4));
}
