using System.Globalization;
using Castellan.Storage;
using Google.Protobuf;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>
/// One of several replicas: an instance is worked on by the replica that its row names. Every commit for an instance checks that in its own
/// transaction, so a replica that was taken for dead, and is not, changes nothing any more.
/// </summary>
internal sealed class ReplicaOwner(Replica replica, string hub, Action<PendingWork> adopt) : IInstanceOwnership
{
    private const int MostAttempts = 3;

    public bool IsShared => true;

    public bool IsAlive => replica.IsAlive;

    public string NewToken() => string.Create(CultureInfo.InvariantCulture, $"{replica.Key}.{Guid.NewGuid():N}");

    public async Task<Instance> LoadAsync(HubStore rows, string id, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var key = replica.Key;
            var (instance, owner) = await replica.Store.ReadAsync(view =>
            {
                var loaded = rows.Load(view, id);
                return (loaded, loaded.Row is { IsEnded: false } row ? OwnerOf(view, row.Key) : null);
            }, ct).ConfigureAwait(false);
            if (instance.Row is not { IsEnded: false } active || owner == key)
            {
                return instance;
            }

            if (owner is not null || !replica.IsAlive || attempt > MostAttempts)
            {
                return new(id) { Row = active with { IsForeign = true } };
            }

            await TakeAsync(rows, active.Key, key, ct).ConfigureAwait(false); // then look again: somebody may have been faster
        }
    }

    public void Fence(IUnitOfWork unit, long key) => unit.Post(ReplicaStatements.Fence, key, replica.Key);

    public void Inserted(IUnitOfWork unit, long key, bool keep)
    {
        if (keep)
        {
            unit.Post(ReplicaStatements.Own, key, replica.Key);
        }
        else
        {
            Arrived(unit, key);
        }
    }

    public void Arrived(IUnitOfWork unit, long key) => unit.Post(ReplicaStatements.Ring, key, replica.Key, Replica.Channel);

    public void Ended(IUnitOfWork unit, string id, long key)
    {
        unit.Post(ReplicaStatements.Disown, key);
        Changed(unit, id);
    }

    public void Changed(IUnitOfWork unit, string id)
    {
        if (ReplicaSignal.Changed(hub, id) is { } signal)
        {
            replica.Shared.Notify(unit, Replica.Channel, signal);
        }
    }

    public async Task<bool> ForwardAsync(string instanceId, string token, AnswerKind kind, IMessage answer, CancellationToken ct)
    {
        long? to = token.Length == 0
            ? await replica.Store.ReadAsync(view => view.First(ReplicaStatements.OwnerOfId, row => row.GetInt64OrNull(0), hub, instanceId), ct).ConfigureAwait(false)
            : long.TryParse(token.AsSpan(0, Math.Max(0, token.IndexOf('.', StringComparison.Ordinal))), NumberStyles.None, CultureInfo.InvariantCulture, out var named) ? named : null;
        if (to is not { } receiver || receiver == replica.Key)
        {
            return false;
        }

        return await replica.Store.WriteAsync(unit =>
        {
            if (unit.Execute(ReplicaStatements.Send, receiver, hub, (int)kind, answer.ToByteArray()) == 0)
            {
                return false; // that replica is gone, and what it delivered is delivered again
            }

            replica.Shared.Notify(unit, Replica.Channel, ReplicaSignal.Of(receiver));
            return true;
        }, ct).ConfigureAwait(false);
    }

    public void Lost(StoreException reason)
    {
        if (reason is StoreOutcomeUnknownException)
        {
            replica.Doubt();
        }
    }

    public void LookAround() => replica.LookAround?.Invoke();

    public ValueTask UntilAliveAsync(CancellationToken ct) => replica.UntilAliveAsync(ct);

    private async Task TakeAsync(HubStore rows, long key, long me, CancellationToken ct)
    {
        var work = await replica.TakeAsync(unit => unit.Execute(ReplicaStatements.Take, key, me) == 1 ? PendingWork.Read(rows, unit, key) : null, ct).ConfigureAwait(false);
        if (work is not null)
        {
            adopt(work);
        }
    }

    private static long? OwnerOf(IReadView view, long key) => view.First(ReplicaStatements.OwnerOf, row => row.GetInt64OrNull(0), key);
}
