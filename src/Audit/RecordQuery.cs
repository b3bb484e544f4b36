using Castellan.Storage;

namespace Castellan.Audit;

/// <summary>
/// Turns a filter into a statement. One facet leads, through its index; the others are compared row by row, so that there are few texts to
/// prepare, however filters are combined.
/// </summary>
internal static class RecordQuery
{
    internal const string Columns = "select sequence, time, previous_hash, hash, body from audit_record ";

    // An empty parameter means that it does not matter; no facet is empty.
    private const string Others =
        "sequence > $2 and time >= $3 and time < $4 and $5 in ('', call_id) and $6 in ('', run_id) and $7 in ('', agent) and $8 in ('', namespace) "
        + "and $9 in ('', person) and $10 in ('', server) and $11 in ('', name) and $12 in ('', decision) and $13 in ('', status) and $14 in ('', kind) and $15 in ('', stage) order by sequence ";

    internal static List<StoredRecord> List(IReadView view, LogFilter filter, int limit)
    {
        var after = filter is { Since: { } since, After: 0 } ? Before(view, since) : filter.After;
        var found = view.Query(Columns + Leading(filter) + Others + (filter.Newest ? "desc limit $1" : "limit $1"), Read,
            limit, after, filter.Since ?? DateTimeOffset.MinValue, filter.Until ?? DateTimeOffset.MaxValue, filter.CallId ?? "", filter.RunId ?? "", filter.Agent ?? "",
            filter.Namespace ?? "", filter.User ?? "", filter.Server ?? "", filter.Tool ?? "", filter.Decision ?? "", filter.Outcome ?? "", filter.Kind ?? "", filter.Stage ?? "");
        if (filter.Newest)
        {
            found.Reverse();
        }

        return found;
    }

    internal static StoredRecord Read(SqlRow row) => new(row.GetInt64(0), row.GetTime(1), row.GetString(2), row.GetString(3), row.GetString(4));

    // Times are those of appending: almost in the order of the numbers, but not quite when several processes append.
    private static long Before(IReadView view, DateTimeOffset since) =>
        view.First("select min(sequence) from audit_record where time >= $1", row => row.GetInt64OrNull(0), since) is { } first ? first - 1 : long.MaxValue;

    private static string Leading(LogFilter filter) => filter switch
    {
        { CallId: not null } => "where call_id = $5 and ",
        { RunId: not null } => "where run_id = $6 and ",
        { Decision: "Deny" } => "where decision = 'Deny' and ",
        { User: not null } => "where person = $9 and ",
        { Agent: not null } => "where agent = $7 and ",
        _ => "where ",
    };
}
