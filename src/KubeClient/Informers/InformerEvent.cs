namespace Castellan.KubeClient.Informers;

/// <summary>What an informer saw.</summary>
public enum InformerEventType
{
    /// <summary>The object is new to the cache.</summary>
    Added,

    /// <summary>The object changed, or is told again at a resync.</summary>
    Updated,

    /// <summary>The object left the cache.</summary>
    Deleted,
}

/// <summary>One change of an informer's cache.</summary>
/// <typeparam name="T">Kind of the object.</typeparam>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object, shared by all readers: copy it before changing it (<see cref="KubeApi.KubeJson.Copy"/>).</param>
/// <param name="Old">The state before, for an update.</param>
/// <param name="IsTombstone">True for a deletion that was only noticed by its absence from a list: the object is the last state known, not the last there was.</param>
public readonly record struct InformerEvent<T>(InformerEventType Type, T Object, T? Old = null, bool IsTombstone = false) where T : class;

/// <summary>What an informer looks at.</summary>
public sealed record InformerOptions
{
    /// <summary>Namespace; null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Fields.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>How often every object is told again as an update; null for never.</summary>
    public TimeSpan? Resync { get; init; }

    /// <summary>How long a failed list or watch waits; 100 ms doubling to 30 s with jitter by default.</summary>
    public WorkQueue.Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), Jitter: 1);
}
