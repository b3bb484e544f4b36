using Castellan.Storage;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>What the replica does with one hub beside its work.</summary>
internal sealed class SharedHub(HubCore core, TurnExchange turns)
{
    public string Name => core.Name;

    public HubStore Rows => core.Rows;

    public bool HasWorker => core.HasWorker;

    public void Adopt(PendingWork work) => core.Adopt(work);

    public Task WakeAsync(IEnumerable<string> ids) => turns.WakeAsync(ids);

    /// <summary>The status of an instance changed somewhere: who waits for that here is told.</summary>
    public void Refresh(string id)
    {
        if (core.Board.Watched.Contains(id))
        {
            core.Running.Add(RefreshAsync(id, CancellationToken.None));
        }
    }

    /// <summary>Reads again what is waited for, in case a signal was lost.</summary>
    public async Task RefreshWaitingAsync(CancellationToken ct)
    {
        foreach (var id in core.Board.Watched)
        {
            await RefreshAsync(id, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The lease is lost: lets go of everything.</summary>
    public async Task LoseAllAsync()
    {
        foreach (var id in core.Instances.Ids)
        {
            using var lease = await core.Instances.AcquireAsync(id, CancellationToken.None).ConfigureAwait(false);
            core.Lose(lease.Instance, Reason());
        }

        foreach (var activity in core.Activities.All)
        {
            core.Activities.Withdraw(activity);
        }
    }

    /// <summary>Leaves an instance to a replica that has a worker for it.</summary>
    public async Task GiveUpAsync(string id, Replica replica, CancellationToken ct)
    {
        using var lease = await core.Instances.AcquireAsync(id, ct).ConfigureAwait(false);
        var instance = lease.Instance;
        if (core.HasWorker || instance.MustStay || instance.Row is not { IsEnded: false, IsForeign: false, Key: > 0 and var key })
        {
            return;
        }

        await core.Rows.WriteAsync(unit =>
        {
            if (unit.Execute(ReplicaStatements.Release, key, replica.Key) == 1)
            {
                unit.Post(ReplicaStatements.Ring, key, 0, Replica.Channel);
            }
        }, ct).ConfigureAwait(false);
        core.Lose(instance, Reason());
    }

    private async Task RefreshAsync(string id, CancellationToken ct)
    {
        try
        {
            core.Board.Publish(id, await core.Rows.FindAsync(id, ct).ConfigureAwait(false));
        }
        catch (StoreException error)
        {
            core.Log.WakeDelayed(id, error.Message); // the next round reads it
        }
    }

    private static StoreFencedException Reason() => new("another replica takes the instance over; try again");
}
