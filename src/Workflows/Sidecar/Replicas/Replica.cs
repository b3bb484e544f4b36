using Castellan.Storage;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>
/// This sidecar among those that share a database: a row with a lease that it renews, by the database's clock. Whoever loses the lease has lost
/// its instances; it goes on under a new key.
/// </summary>
internal sealed class Replica(Store store, TimeSpan lease, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private long _key;
    private long _aliveUntil;
    private volatile bool _inDoubt;

    public const string Channel = "castellan_workflow";

    public SharedStore Shared { get; } = store.Shared ?? throw new InvalidOperationException($"the store {store.Location} has one process for itself");

    public Store Store => store;

    /// <summary>Asks for a look at what there is to do.</summary>
    public Action? LookAround { get; set; }

    public TimeSpan Lease => lease;

    /// <summary>Its key now; a new one after each loss of the lease.</summary>
    public long Key => Volatile.Read(ref _key);

    /// <summary>Whether others certainly hold it alive.</summary>
    public bool IsAlive => !_inDoubt && clock.GetTimestamp() < Volatile.Read(ref _aliveUntil);

    public async Task JoinAsync(CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var key = await store.WriteAsync(unit => unit.First(ReplicaStatements.Join, row => row.GetInt64(0), lease.TotalSeconds), ct).ConfigureAwait(false);
        Volatile.Write(ref _key, key);
        _inDoubt = false;
        Extend(began);
    }

    /// <summary>Memory may not know all that the database says this replica holds: it is to join anew, so that all of it is taken up again.</summary>
    public void Doubt() => _inDoubt = true;

    /// <summary>Takes instances over.</summary>
    public async Task<T> TakeAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct)
    {
        try
        {
            return await store.WriteAsync(work, ct).ConfigureAwait(false);
        }
        catch (StoreOutcomeUnknownException)
        {
            Doubt();
            throw;
        }
    }

    /// <returns>False when the lease is lost, or what it covers is in doubt.</returns>
    public async Task<bool> BeatAsync(CancellationToken ct)
    {
        if (_inDoubt)
        {
            return false;
        }

        var began = clock.GetTimestamp();
        if (await store.WriteAsync(unit => unit.Execute(ReplicaStatements.Beat, Key, lease.TotalSeconds), ct).ConfigureAwait(false) == 0)
        {
            return false;
        }

        Extend(began);
        return true;
    }

    public async ValueTask UntilAliveAsync(CancellationToken ct)
    {
        while (!IsAlive)
        {
            await Task.Delay(Pause, clock, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Frees what a replica holds and removes it.</summary>
    /// <returns>How many instances became free.</returns>
    public async Task<long> RemoveAsync(long key, CancellationToken ct)
    {
        for (long count = 0; ;)
        {
            var freed = await store.WriteAsync(unit =>
            {
                var some = unit.First(ReplicaStatements.Free, row => row.GetInt64(0), key);
                if (some > 0)
                {
                    Shared.Notify(unit, Channel, ReplicaSignal.Free);
                }

                return some;
            }, ct).ConfigureAwait(false);
            count += freed;
            if (freed == 0)
            {
                await store.WriteAsync(unit => unit.First(ReplicaStatements.Forget, row => row.GetInt64(0), key), ct).ConfigureAwait(false);
                return count;
            }
        }
    }

    // Counted from before the request: the database began to count later.
    private void Extend(long began) => Volatile.Write(ref _aliveUntil, began + (long)(lease.TotalSeconds * clock.TimestampFrequency));
}

/// <summary>What replicas call to each other.</summary>
internal static class ReplicaSignal
{
    /// <summary>Free instances have work.</summary>
    public const string Free = "f";

    private const char For = 'r';
    private const char Change = 'e';

    /// <summary>A replica has mail, or the bell of one of its instances rings.</summary>
    public static string Of(long replica) => $"{For}{replica}";

    /// <summary>The status of an instance changed; null when its name is too long to say.</summary>
    public static string? Changed(string hub, string id)
    {
        var text = $"{Change}{hub.Length} {hub}{id}";
        return System.Text.Encoding.UTF8.GetByteCount(text) <= SharedStore.MaxMessageBytes ? text : null;
    }

    public static (string Hub, string Id)? ReadChanged(string signal)
    {
        if (signal.Length == 0 || signal[0] != Change || signal.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var space)
            || !int.TryParse(signal.AsSpan(1, space - 1), out var length) || length < 0 || length > signal.Length - space - 1)
        {
            return null;
        }

        return (signal.Substring(space + 1, length), signal[(space + 1 + length)..]);
    }

    /// <summary>Whether the replica of this key has something to look at.</summary>
    public static bool Concerns(string signal, long key) => signal.Length == 0 || signal[0] != For || signal == Of(key);
}
