using Castellan.Storage;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Worker;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>One round of what a replica looks after.</summary>
internal sealed class ReplicaWork(Replica replica, EmbeddedSidecar sidecar)
{
    private const int Batch = 64;
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    private long _swept;

    private Store Store => replica.Store;

    private TimeProvider Clock => sidecar.Options.Clock;

    public async Task RoundAsync(CancellationToken ct)
    {
        if (!replica.IsAlive)
        {
            return; // the next beat tells whether this replica still has its instances
        }

        await ReadMailAsync(ct).ConfigureAwait(false);
        await AnswerBellsAsync(ct).ConfigureAwait(false);
        await FireFreeAsync(ct).ConfigureAwait(false);
        await TakeFreeAsync(ct).ConfigureAwait(false);
        foreach (var hub in sidecar.Hubs.Select(hub => hub.Shared))
        {
            await hub.RefreshWaitingAsync(ct).ConfigureAwait(false);
        }

        await GiveUpAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Frees what dead replicas held, and now and then what nobody knows of.</summary>
    public async Task FreeDeadAsync(ReplicaLog log, CancellationToken ct)
    {
        var dead = await Store.ReadAsync(view => view.Query(ReplicaStatements.Dead, row => row.GetInt64(0), replica.Key), ct).ConfigureAwait(false);
        foreach (var key in dead)
        {
            log.Freed(key, await replica.RemoveAsync(key, ct).ConfigureAwait(false));
        }

        if (_swept == 0 || TimeProvider.System.GetElapsedTime(_swept) > SweepPeriod)
        {
            _swept = TimeProvider.System.GetTimestamp();
            await Store.WriteAsync(unit =>
            {
                unit.Execute(ReplicaStatements.FreeLost);
                unit.Execute(ReplicaStatements.RemoveBells);
            }, ct).ConfigureAwait(false);
        }
    }

    private async Task ReadMailAsync(CancellationToken ct)
    {
        while (true)
        {
            var mail = await Store.WriteAsync(unit => unit.Query(ReplicaStatements.Receive,
                row => (Hub: row.GetString(0), Kind: (AnswerKind)row.GetInt32(1), Data: row.GetBytes(2)), replica.Key), ct).ConfigureAwait(false);
            foreach (var (name, kind, data) in mail)
            {
                await CompleteAsync(sidecar.Hub(name), kind, data, ct).ConfigureAwait(false);
            }

            if (mail.Count == 0)
            {
                return;
            }
        }
    }

    private static Task CompleteAsync(TaskHub hub, AnswerKind kind, byte[] data, CancellationToken ct) => kind == AnswerKind.Turn
        ? hub.CompleteAsync(WorkflowResponse.Parser.ParseFrom(data))
        : hub.CompleteAsync(new ActivityOutcome(ActivityResponse.Parser.ParseFrom(data), null), ct);

    private async Task AnswerBellsAsync(CancellationToken ct)
    {
        while (true)
        {
            var rung = await Store.WriteAsync(unit => unit.Query(ReplicaStatements.AnswerMine, row => (Hub: row.GetString(0), Id: row.GetString(1)), replica.Key), ct).ConfigureAwait(false);
            foreach (var group in rung.GroupBy(one => one.Hub, one => one.Id, StringComparer.Ordinal))
            {
                await sidecar.Hub(group.Key).Shared.WakeAsync(group).ConfigureAwait(false);
            }

            if (rung.Count == 0)
            {
                return;
            }
        }
    }

    private async Task TakeFreeAsync(CancellationToken ct)
    {
        while (true)
        {
            var wanted = sidecar.Hubs.Select(hub => hub.Shared).Where(hub => hub.HasWorker).ToDictionary(hub => hub.Name, StringComparer.Ordinal);
            if (wanted.Count == 0)
            {
                return;
            }

            var taken = await replica.TakeAsync(unit => unit.Query(ReplicaStatements.AnswerFree, row => (Key: row.GetInt64(0), Hub: row.GetString(1), Id: row.GetString(2)),
                    replica.Key, string.Join('\u0001', wanted.Keys), Batch)
                .Select(one => (one.Hub, one.Id, Work: PendingWork.Read(wanted[one.Hub].Rows, unit, one.Key))).ToList(), ct).ConfigureAwait(false);
            foreach (var group in taken.GroupBy(one => one.Hub, StringComparer.Ordinal))
            {
                foreach (var (_, _, work) in group)
                {
                    wanted[group.Key].Adopt(work);
                }

                await wanted[group.Key].WakeAsync(group.Select(one => one.Id)).ConfigureAwait(false);
            }

            if (taken.Count == 0)
            {
                return;
            }
        }
    }

    // Nobody holds these instances, so nobody has their timers in memory.
    private Task FireFreeAsync(CancellationToken ct) => Store.WriteAsync(unit =>
    {
        var now = Clock.GetUtcNow();
        var due = unit.Query(ReplicaStatements.DueFree, row => (Key: row.GetInt64(0), Hub: row.GetString(1), Task: row.GetInt32(2), FireAt: row.GetTime(3)), now);
        foreach (var (key, hub, task, fireAt) in due)
        {
            HubStore.RemoveTimer(unit, key, task);
            if (task >= 0)
            {
                var fired = new HistoryEvent
                {
                    EventId = -1,
                    Timestamp = Timestamp.FromDateTimeOffset(now),
                    TimerFired = new() { TimerId = task, FireAt = Timestamp.FromDateTimeOffset(fireAt) },
                };
                unit.Post("insert into workflow_inbox(instance, data) values($1, $2)", key, fired.ToByteArray());
            }

            unit.Post(ReplicaStatements.Ring, key, 0, Replica.Channel); // whoever has it by now
        }
    }, ct);

    private async Task GiveUpAsync(CancellationToken ct)
    {
        var idle = sidecar.Hubs.Select(hub => hub.Shared).Where(hub => !hub.HasWorker).ToDictionary(hub => hub.Name, StringComparer.Ordinal);
        if (idle.Count == 0)
        {
            return;
        }

        var given = await Store.ReadAsync(view => view.Query(ReplicaStatements.WithWork, row => (Hub: row.GetString(0), Id: row.GetString(1)),
            replica.Key, string.Join('\u0001', idle.Keys)), ct).ConfigureAwait(false);
        foreach (var (hub, id) in given)
        {
            await idle[hub].GiveUpAsync(id, replica, ct).ConfigureAwait(false);
        }
    }
}
