namespace Castellan.LocalCluster.Store;

/// <summary>The object is not in the state the write was computed from; read it again and retry.</summary>
/// <param name="key">The object.</param>
/// <param name="expected">The revision the write was computed from; 0 for a creation.</param>
/// <param name="actual">The revision found; 0 when the object does not exist.</param>
internal sealed class CommitConflictException(ObjectKey key, long expected, long actual)
    : Exception($"{key} is at revision {actual}, not {expected}; read it again and retry")
{
    public ObjectKey Key { get; } = key;

    public long Expected { get; } = expected;

    public long Actual { get; } = actual;
}
