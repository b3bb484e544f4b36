namespace Castellan.Workflows.Sidecar;

/// <summary>Wakes those who wait for an instance to change.</summary>
internal sealed class StatusBoard
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    /// <summary>Waits until the instance is in a wanted state.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="read">Reads what is committed; called once, after the watch has begun.</param>
    /// <param name="isWanted">Whether to stop waiting.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<InstanceRow?> WaitAsync(string id, Func<Task<InstanceRow?>> read, Func<InstanceRow?, bool> isWanted, CancellationToken ct)
    {
        Slot? slot;
        Task change;
        lock (_lock)
        {
            if (!_slots.TryGetValue(id, out slot))
            {
                _slots.Add(id, slot = new());
            }

            slot.Users++;
            change = slot.Change.Task;
        }

        try
        {
            var row = await read().ConfigureAwait(false);
            while (!isWanted(row))
            {
                await change.WaitAsync(ct).ConfigureAwait(false);
                lock (_lock)
                {
                    // Together: a state published since the change that woke this wait must not be missed.
                    row = slot.Latest;
                    change = slot.Change.Task;
                }
            }

            return row;
        }
        finally
        {
            lock (_lock)
            {
                if (--slot.Users == 0)
                {
                    _slots.Remove(id);
                }
            }
        }
    }

    /// <summary>Instances that somebody waits for.</summary>
    public List<string> Watched
    {
        get
        {
            lock (_lock)
            {
                return [.. _slots.Keys];
            }
        }
    }

    /// <summary>Says that a new state is durable; null says that the instance is gone.</summary>
    public void Publish(string id, InstanceRow? row)
    {
        TaskCompletionSource? change = null;
        lock (_lock)
        {
            if (_slots.TryGetValue(id, out var slot))
            {
                change = slot.Change;
                slot.Latest = row;
                slot.Change = NewChange();
            }
        }

        change?.TrySetResult();
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Slot
    {
        public TaskCompletionSource Change { get; set; } = NewChange();

        public InstanceRow? Latest { get; set; }

        public int Users { get; set; }
    }
}
