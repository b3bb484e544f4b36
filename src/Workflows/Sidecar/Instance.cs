using Castellan.Storage;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>An instance in memory. Everything is read and changed under its gate (see <see cref="InstanceTable"/>).</summary>
internal sealed class Instance(string id)
{
    private bool _forgotten;

    public string Id { get; } = id;

    /// <summary>Null when there is no such instance.</summary>
    public InstanceRow? Row { get; set; }

    public HistoryLog History { get; } = new();

    /// <summary>What waits for a turn, in order.</summary>
    public List<InboxEntry> Inbox { get; } = [];

    public TurnInFlight? Turn { get; set; }

    /// <summary>Whether it waits for a worker.</summary>
    public bool Queued { get; set; }

    /// <summary>Whether memory no longer agrees with the store, so that the next one must read again.</summary>
    public bool IsStale => _forgotten || Row is { IsForeign: true };

    /// <summary>Whether an event waits unstored.</summary>
    public bool HasHeld => Inbox.Exists(entry => entry.Held is not null);

    /// <summary>Whether it holds what the store does not know yet, and so cannot be dropped from memory.</summary>
    public bool MustStay => Turn is not null || HasHeld;

    /// <summary>Drops what memory knows: the store knows better.</summary>
    public void Forget()
    {
        Row = null;
        _forgotten = true;
    }

    /// <summary>Whether a turn may be given to a worker now.</summary>
    public bool IsReady(DateTimeOffset now) => Turn is null && Inbox.Count > 0 && Row is { IsEnded: false } row
        && row.Status is not (OrchestrationStatus.Suspended or OrchestrationStatus.Stalled) && (row.Scheduled is not { } start || row.Started is not null || start <= now);
}

/// <summary>An event that waits for a turn.</summary>
/// <param name="Event">The event.</param>
/// <param name="Row">Its row in the inbox table; null while it is held.</param>
/// <param name="Held">What its commit owes, while the event is not stored.</param>
internal sealed record InboxEntry(HistoryEvent Event, RowNumber? Row, HeldCommit? Held)
{
    /// <summary>Number of its row; 0 while it is held.</summary>
    public long Seq => Row?.Value ?? 0;
}

/// <summary>An event that is handed to the next turn before it is stored; both are committed together.</summary>
/// <param name="Writes">The engine's own writes that belong to it.</param>
/// <param name="Enlisted">Writes of the one who caused it.</param>
internal sealed record HeldCommit(Action<IUnitOfWork>? Writes, Action<IUnitOfWork>? Enlisted)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the event is durable.</summary>
    public Task Done => _done.Task;

    public void Committed() => _done.TrySetResult();

    public void Failed(Exception error) => _done.TrySetException(error);
}

/// <summary>A turn that a worker has.</summary>
internal sealed record TurnInFlight(string Token, IReadOnlyList<InboxEntry> Entries, IReadOnlyList<HistoryEvent> NewEvents, DeliverySlot Slot);
