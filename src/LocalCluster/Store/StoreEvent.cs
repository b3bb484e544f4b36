namespace Castellan.LocalCluster.Store;

/// <summary>What a committed write did.</summary>
internal enum StoreEventType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One committed write.</summary>
/// <param name="Type">What it did.</param>
/// <param name="Object">The state after it; for a deletion the last state, carrying the deletion's revision.</param>
/// <param name="Previous">The state before it; absent for an addition.</param>
internal sealed record StoreEvent(StoreEventType Type, StoredObject Object, StoredObject? Previous)
{
    public long Revision => Object.Revision;
}
