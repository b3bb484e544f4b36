using Castellan.Audit.Transparency;
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

    /// <summary>How long a durable record may be without its number before verification says so.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly RecordSequence _sequence = new(store);

    /// <summary>The log's tables.</summary>
    public static MigrationSet Schema => AuditSchema.Migrations;

    /// <summary>
    /// Appends a record in a unit of work: it becomes durable with everything else in that unit, or not at all. Where several processes share the
    /// store it has its number a moment later; whoever reads the log sees to that first.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="record">What to record.</param>
    public void Append(IUnitOfWork unit, AuditRecord record)
    {
        var time = clock.GetUtcNow();
        _sequence.Put(unit, time, RecordBody.Write(record, time));
    }

    /// <summary>Appends a record in a unit of work of its own; completes when it is durable.</summary>
    public Task AppendAsync(AuditRecord record, CancellationToken ct) => store.WriteAsync(unit => Append(unit, record), ct);

    /// <summary>Gives their numbers to the records that wait for one, unless another process does so at this moment.</summary>
    /// <exception cref="InvalidDataException">What waits is no record: it was changed.</exception>
    public Task TrySettleAsync(CancellationToken ct) => _sequence.TrySettleAsync(ct);

    /// <summary>Gives their numbers to the records that wait for one. All that were durable when this began have theirs when it ends.</summary>
    /// <exception cref="InvalidDataException">What waits is no record: it was changed.</exception>
    public Task SettleAsync(CancellationToken ct) => _sequence.SettleAsync(ct);

    /// <summary>Where the log stands, as a view sees it.</summary>
    public static LogHead Head(IReadView view) =>
        view.First("select sequence, hash from audit_record order by sequence desc limit 1", row => new LogHead(row.GetInt64(0), row.GetString(1))) is { Sequence: > 0 } head
            ? head
            : LogHead.Empty;

    /// <summary>Where the log stands.</summary>
    public async Task<LogHead> HeadAsync(CancellationToken ct)
    {
        await SettleForReaderAsync(ct).ConfigureAwait(false);
        return await store.ReadAsync(Head, ct).ConfigureAwait(false);
    }

    /// <summary>Lists records in ascending order.</summary>
    public async Task<LogPage> ListAsync(LogFilter filter, CancellationToken ct)
    {
        await SettleForReaderAsync(ct).ConfigureAwait(false);
        var limit = Math.Clamp(filter.Limit, 1, PageSize);
        return await store.ReadAsync(view =>
        {
            var found = RecordQuery.List(view, filter, limit);
            return new LogPage(found, found.Count == limit && !filter.Newest ? found[^1].Sequence : Math.Max(filter.After, Head(view).Sequence));
        }, ct).ConfigureAwait(false);
    }

    /// <summary>One record; null if there is none.</summary>
    public async Task<StoredRecord?> GetAsync(long sequence, CancellationToken ct)
    {
        await SettleForReaderAsync(ct).ConfigureAwait(false);
        return await store.ReadAsync(view => view.First(RecordQuery.Columns + "where sequence = $1", RecordQuery.Read, sequence), ct).ConfigureAwait(false);
    }

    /// <summary>Reads the whole log and checks that every record follows from the one before.</summary>
    /// <param name="remembered">A head seen earlier; the log must still contain it. Null skips that check.</param>
    /// <param name="ct">Ends the check.</param>
    public async Task<LogVerification> VerifyAsync(LogHead? remembered, CancellationToken ct)
    {
        await SettleForReaderAsync(ct).ConfigureAwait(false);
        return await VerifyAsync(remembered, LogHead.Empty, (_, _) => { }, ct).ConfigureAwait(false);
    }

    /// <param name="remembered">A head seen earlier.</param>
    /// <param name="start">What the first record must follow.</param>
    /// <param name="passed">Is shown each record that holds, in order, with its hash in the tree.</param>
    /// <param name="ct">Ends the check.</param>
    internal async Task<LogVerification> VerifyAsync(LogHead? remembered, LogHead start, Action<ChainLink, MerkleHash> passed, CancellationToken ct)
    {
        var check = new ChainCheck(remembered, start);
        for (var next = PageAsync(start.Sequence, ct); ;)
        {
            var page = await next.ConfigureAwait(false);
            if (page.Count == PageSize)
            {
                next = Task.Run(() => PageAsync(page[^1].Sequence, ct), ct); // is read while this one is hashed
            }

            var links = Examination.OfAll(page, ExaminedLink.Of, ct);
            for (var i = 0; i < page.Count; i++)
            {
                if (check.Next(page[i], links[i]) is { } broken)
                {
                    return await WithWaitingAsync(broken, ct).ConfigureAwait(false);
                }

                passed(page[i], links[i].Leaf);
            }

            if (page.Count < PageSize)
            {
                return await WithWaitingAsync(check.End(), ct).ConfigureAwait(false);
            }
        }
    }

    private Task<List<ChainLink>> PageAsync(long after, CancellationToken ct) =>
        store.ReadAsync(view => view.Query(ChainLink.Select + "where sequence > $1 order by sequence limit $2", ChainLink.Read, after, PageSize), ct);

    private async Task<LogVerification> WithWaitingAsync(LogVerification found, CancellationToken ct)
    {
        var (count, oldest) = await store.ReadAsync(RecordSequence.Waiting, ct).ConfigureAwait(false);
        return found.Ok && oldest < clock.GetUtcNow() - LongestWait
            ? found with { Ok = false, Waiting = count, Problem = $"{count} records wait for their number, the oldest since {oldest:O}: nobody takes them into the log" }
            : found with { Waiting = count };
    }

    // Reading goes on where writing cannot: what has its number is shown, and verification tells of the rest.
    private async Task SettleForReaderAsync(CancellationToken ct)
    {
        try
        {
            await SettleAsync(ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is StoreUnavailableException or InvalidDataException)
        {
            // The sequencer meets the same error each second, and reports it.
        }
    }
}
