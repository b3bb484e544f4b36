namespace Castellan.Workflows.Sidecar;

/// <summary>
/// Which worker gets which turn. An instance prefers one stream of those attached (rendezvous hashing), because a worker that ran its last turn need
/// not replay; but no turn waits for a stream that is full while another is free.
/// </summary>
internal sealed class TurnDispatch
{
    private readonly Lock _lock = new();
    private readonly List<WorkerStream> _streams = [];
    private readonly Queue<string> _unclaimed = [];

    public void Attach(WorkerStream stream)
    {
        lock (_lock)
        {
            _streams.Add(stream);
        }
    }

    /// <summary>What waited for the stream goes to others.</summary>
    public void Detach(WorkerStream stream)
    {
        lock (_lock)
        {
            _streams.Remove(stream);
            stream.Waiting?.TrySetCanceled();
            stream.Waiting = null;
            while (stream.Backlog.TryDequeue(out var instanceId))
            {
                Place(instanceId);
            }

            // What was kept from the silent while others were there is theirs now.
            while (OnlySilent() && _streams.Find(one => one.Waiting is not null) is { } silent && _unclaimed.TryPeek(out var kept))
            {
                if (TryHandOver(silent, kept))
                {
                    _unclaimed.Dequeue();
                }
            }
        }
    }

    public void Enqueue(string instanceId)
    {
        lock (_lock)
        {
            Place(instanceId);
        }
    }

    /// <summary>Gives to idle streams what waits for one that does not come to take it, because its connection is stuck.</summary>
    public void Spread()
    {
        lock (_lock)
        {
            foreach (var stuck in _streams)
            {
                while (stuck.Backlog.TryPeek(out var instanceId) && _streams.Find(stream => stream is { Waiting: not null, IsSilent: false }) is { } idle)
                {
                    if (TryHandOver(idle, instanceId))
                    {
                        stuck.Backlog.Dequeue();
                    }
                }
            }
        }
    }

    /// <summary>The next turn for a stream that has credit for it.</summary>
    /// <exception cref="OperationCanceledException">The stream was detached, or the token ended the wait.</exception>
    public async ValueTask<string> NextAsync(WorkerStream stream, CancellationToken ct)
    {
        TaskCompletionSource<string> waiting;
        lock (_lock)
        {
            ct.ThrowIfCancellationRequested();
            if (stream.Backlog.TryDequeue(out var instanceId) || ((!stream.IsSilent || OnlySilent()) && _unclaimed.TryDequeue(out instanceId)))
            {
                GiveAwayBacklog(stream);
                return instanceId;
            }

            stream.Waiting = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        using (ct.UnsafeRegister(static state => ((TaskCompletionSource<string>)state!).TrySetCanceled(), waiting))
        {
            return await waiting.Task.ConfigureAwait(false);
        }
    }

    private void Place(string instanceId)
    {
        var preferred = Preferred(instanceId);
        if (preferred is not null && TryHandOver(preferred, instanceId))
        {
            return;
        }

        if (preferred is { TurnCredit.CurrentCount: > 0 })
        {
            preferred.Backlog.Enqueue(instanceId); // it is just sending another
            return;
        }

        foreach (var stream in _streams)
        {
            if (stream.IsSilent == preferred?.IsSilent && TryHandOver(stream, instanceId))
            {
                return;
            }
        }

        _unclaimed.Enqueue(instanceId);
    }

    // A stream that took its last credit comes back when a turn is answered, which may be late: others may have what waits for it.
    private void GiveAwayBacklog(WorkerStream stream)
    {
        if (stream.TurnCredit.CurrentCount > 0)
        {
            return;
        }

        // Once around: credit that comes back meanwhile lets a turn return to this very backlog.
        for (var left = stream.Backlog.Count; left > 0; left--)
        {
            Place(stream.Backlog.Dequeue());
        }
    }

    private static bool TryHandOver(WorkerStream stream, string instanceId)
    {
        var waiting = stream.Waiting;
        stream.Waiting = null;
        return waiting is not null && waiting.TrySetResult(instanceId);
    }

    private WorkerStream? Preferred(string instanceId)
    {
        if (_streams.Count <= 1)
        {
            return _streams.Count == 0 ? null : _streams[0];
        }

        var hash = Hash(instanceId);
        return _streams.MaxBy(stream => (!stream.IsSilent, Mix(hash ^ stream.Identity)));
    }

    private bool OnlySilent() => _streams.TrueForAll(stream => stream.IsSilent);

    // FNV-1a; the weights need no secrecy, and must be cheap.
    private static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        return hash;
    }

    // The finalizer of SplitMix64: neighbouring inputs give unrelated weights.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebUL;
        return value ^ (value >> 31);
    }
}
