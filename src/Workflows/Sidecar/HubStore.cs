using Castellan.Storage;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Sidecar.Replicas;
using Google.Protobuf;

namespace Castellan.Workflows.Sidecar;

/// <summary>Reads and writes one hub's rows. Every statement names the hub or a key that was found through it.</summary>
internal sealed class HubStore(Store store, string hub, PayloadTable payloads, IInstanceOwnership ownership)
{
    public const string Columns = "key, id, execution, name, version, status, created, updated, started, completed, scheduled, "
        + "input, output, custom_status, failure, parent, parent_info, tags";

    public string Hub => hub;

    public Task<T> WriteAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct) => store.WriteAsync(work, ct);

    public Task WriteAsync(Action<IUnitOfWork> work, CancellationToken ct) => store.WriteAsync(work, ct);

    public Task<T> ReadAsync<T>(Func<IReadView, T> work, CancellationToken ct) => store.ReadAsync(work, ct);

    /// <summary>The instance without its payloads; what is written back must come from <see cref="FindWhole"/>.</summary>
    public InstanceRow? Find(IReadView view, string id) =>
        view.First($"select {Columns} from workflow_instance where hub = $1 and id = $2", Row, hub, id);

    public InstanceRow? FindWhole(IReadView view, string id) => Find(view, id) is not { } row ? null : row with
    {
        Input = payloads.Load(view, row.Input),
        Output = payloads.Load(view, row.Output),
        CustomStatus = payloads.Load(view, row.CustomStatus),
    };

    public Task<InstanceRow?> FindAsync(string id, CancellationToken ct) => store.ReadAsync(view => FindWhole(view, id), ct);

    public Instance Load(IReadView view, string id)
    {
        var instance = new Instance(id) { Row = FindWhole(view, id) };
        if (instance.Row is { IsEnded: false } row)
        {
            instance.History.Append(History(view, row.Key));
            instance.Inbox.AddRange(Inbox(view, row.Key));
        }

        return instance;
    }

    public List<HistoryEvent> History(IReadView view, long key)
    {
        var batches = view.Query("select data from workflow_history where instance = $1 order by seq", row => HistoryBatch.Parser.ParseFrom(row.GetBytes(0)), key);
        var events = batches.SelectMany(batch => batch.Events).ToList();
        payloads.Load(view, events);
        return events;
    }

    public List<InboxEntry> Inbox(IReadView view, long key)
    {
        var entries = view.Query("select seq, data from workflow_inbox where instance = $1 order by seq",
            row => new InboxEntry(HistoryEvent.Parser.ParseFrom(row.GetBytes(1)), new(row.GetInt64(0)), null), key);
        payloads.Load(view, entries.Select(entry => entry.Event));
        return entries;
    }

    /// <param name="unit">The unit.</param>
    /// <param name="row">The new instance.</param>
    /// <param name="keep">Whether this sidecar works on it; else the replica that has a worker takes it.</param>
    public InstanceRow Insert(IUnitOfWork unit, InstanceRow row, bool keep = true)
    {
        var key = unit.Insert(
            "insert into workflow_instance(hub, id, execution, name, version, status, created, updated, started, completed, scheduled, input, output, "
            + "custom_status, failure, parent, parent_info, tags) values($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
            hub, row.Id, row.ExecutionId, row.Name, row.Version, (int)row.Status, row.Created, row.Updated, row.Started, row.Completed, row.Scheduled,
            payloads.Inline(row.Input), payloads.Inline(row.Output), payloads.Inline(row.CustomStatus), row.Failure?.ToByteArray(), row.ParentKey,
            row.Parent?.ToByteArray(), row.Tags?.ToByteArray());
        if (!payloads.IsInline(row.Input) || !payloads.IsInline(row.Output) || !payloads.IsInline(row.CustomStatus))
        {
            // A use of a payload names the instance's key, which is known only now.
            unit.Post("update workflow_instance set input = $2, output = $3, custom_status = $4 where key = $1", key,
                payloads.Store(unit, key, row.Input), payloads.Store(unit, key, row.Output), payloads.Store(unit, key, row.CustomStatus));
        }

        ownership.Inserted(unit, key, keep);
        return row with { Key = key, IsForeign = ownership.IsShared && !keep };
    }

    public void Update(IUnitOfWork unit, InstanceRow row)
    {
        unit.Post(
            "update workflow_instance set status = $2, updated = $3, started = $4, completed = $5, output = $6, custom_status = $7, failure = $8 where key = $1",
            row.Key, (int)row.Status, row.Updated, row.Started, row.Completed, payloads.Store(unit, row.Key, row.Output),
            payloads.Store(unit, row.Key, row.CustomStatus), row.Failure?.ToByteArray());
        if (row.IsEnded)
        {
            ownership.Ended(unit, row.Id, row.Key);
        }
    }

    public void StartOver(IUnitOfWork unit, InstanceRow row)
    {
        unit.Post("delete from workflow_history where instance = $1", row.Key);
        DropPending(unit, row.Key);
        PayloadTable.Release(unit, row.Key);
        unit.Post("update workflow_instance set execution = $2, input = $3 where key = $1", row.Key, row.ExecutionId, payloads.Store(unit, row.Key, row.Input));
    }

    public void AppendHistory(IUnitOfWork unit, long key, IEnumerable<HistoryEvent> events)
    {
        var batch = new HistoryBatch();
        batch.Events.AddRange(events.Select(one => payloads.Store(unit, key, one)));
        unit.Post("insert into workflow_history(instance, data) values($1, $2)", key, batch.ToByteArray());
    }

    public RowNumber AppendInbox(IUnitOfWork unit, long key, HistoryEvent one) =>
        unit.PostInsert("insert into workflow_inbox(instance, data) values($1, $2)", key, payloads.Store(unit, key, one).ToByteArray());

    /// <summary>Puts an event into the inbox of an instance that another replica may hold, and tells it.</summary>
    public void Mail(IUnitOfWork unit, long key, HistoryEvent one)
    {
        AppendInbox(unit, key, one);
        ownership.Arrived(unit, key);
    }

    public static void RemoveInbox(IUnitOfWork unit, long seq) => unit.Post("delete from workflow_inbox where seq = $1", seq);

    public void AddActivity(IUnitOfWork unit, long key, ActivityRequest request) =>
        unit.Post("insert into workflow_activity(instance, task, data) values($1, $2, $3)", key, request.TaskId, payloads.Store(unit, key, request).ToByteArray());

    public static void RemoveActivity(IUnitOfWork unit, long key, int task) => unit.Post("delete from workflow_activity where instance = $1 and task = $2", key, task);

    public static void AddTimer(IUnitOfWork unit, long key, int task, DateTimeOffset fireAt) =>
        unit.Post("insert into workflow_timer(instance, task, fire_at) values($1, $2, $3)", key, task, fireAt);

    /// <returns>False when it was gone already.</returns>
    public static bool RemoveTimer(IUnitOfWork unit, long key, int task) =>
        unit.Execute("delete from workflow_timer where instance = $1 and task = $2", key, task) > 0;

    /// <summary>Removes what an ended or restarted execution still waited for.</summary>
    public static void DropPending(IUnitOfWork unit, long key)
    {
        unit.Post("delete from workflow_inbox where instance = $1", key);
        unit.Post("delete from workflow_activity where instance = $1", key);
        unit.Post("delete from workflow_timer where instance = $1", key);
    }

    public static void Remove(IUnitOfWork unit, long key)
    {
        DropPending(unit, key);
        unit.Post("delete from workflow_history where instance = $1", key);
        PayloadTable.Release(unit, key);
        unit.Post("delete from workflow_instance where key = $1", key);
    }

    public List<InstanceRow> Children(IReadView view, long key) =>
        view.Query($"select {Columns} from workflow_instance where parent = $1 and hub = $2", Row, key, hub);

    /// <summary>What a sidecar that opens its store must take up again.</summary>
    public Task<HubBacklog> BacklogAsync(CancellationToken ct) => store.ReadAsync(view =>
    {
        return new HubBacklog(
            view.Query("select id from workflow_instance i where hub = $1 and exists(select 1 from workflow_inbox where instance = i.key)", row => row.GetString(0), hub),
            Activities(view, "select i.execution, a.data from workflow_activity a join workflow_instance i on i.key = a.instance where i.hub = $1", hub),
            view.Query("select i.id, i.execution, t.task, t.fire_at from workflow_timer t join workflow_instance i on i.key = t.instance where i.hub = $1",
                row => new DueTimer(row.GetTime(3), row.GetString(0), row.GetString(1), row.GetInt32(2)), hub));
    }, ct);

    /// <param name="view">Where to read.</param>
    /// <param name="sql">Selects execution and data.</param>
    /// <param name="parameter">Its parameter.</param>
    public List<(string ExecutionId, ActivityRequest Request)> Activities(IReadView view, string sql, SqlValue parameter)
    {
        var activities = view.Query(sql, row => (Execution: row.GetString(0), Request: ActivityRequest.Parser.ParseFrom(row.GetBytes(1))), parameter);
        activities.ForEach(activity => activity.Request.Input = payloads.Load(view, activity.Request.Input));
        return activities;
    }

    public Task<List<InstanceRow>> PageAsync(long after, int size, CancellationToken ct) => store.ReadAsync(view =>
        view.Query($"select {Columns} from workflow_instance where hub = $1 and key > $2 order by key limit $3", Row, hub, after, size), ct);

    /// <summary>Maps <see cref="Columns"/>; payloads may be references.</summary>
    public static InstanceRow Row(SqlRow row) => new()
    {
        Key = row.GetInt64(0),
        Id = row.GetString(1),
        ExecutionId = row.GetString(2),
        Name = row.GetString(3),
        Version = row.GetStringOrNull(4),
        Status = (OrchestrationStatus)row.GetInt32(5),
        Created = row.GetTime(6),
        Updated = row.GetTime(7),
        Started = row.GetTimeOrNull(8),
        Completed = row.GetTimeOrNull(9),
        Scheduled = row.GetTimeOrNull(10),
        Input = row.GetStringOrNull(11),
        Output = row.GetStringOrNull(12),
        CustomStatus = row.GetStringOrNull(13),
        Failure = row.GetBytesOrNull(14) is { } failure ? TaskFailureDetails.Parser.ParseFrom(failure) : null,
        ParentKey = row.GetInt64OrNull(15),
        Parent = row.GetBytesOrNull(16) is { } parent ? ParentInstanceInfo.Parser.ParseFrom(parent) : null,
        Tags = row.GetBytesOrNull(17) is { } tags ? InstanceTags.Parser.ParseFrom(tags) : null,
    };
}

/// <summary>Work that was pending when the store was opened.</summary>
internal sealed record HubBacklog(List<string> Inboxes, List<(string ExecutionId, ActivityRequest Request)> Activities, List<DueTimer> Timers);

/// <summary>A durable timer, or (task -1) the scheduled start of an instance.</summary>
internal readonly record struct DueTimer(DateTimeOffset FireAt, string InstanceId, string ExecutionId, int Task)
{
    public const int ScheduledStart = -1;

    /// <summary>Not stored: look at the instance again.</summary>
    public const int Retry = -2;
}
