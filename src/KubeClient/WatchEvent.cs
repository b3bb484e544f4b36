namespace Castellan.KubeClient;

/// <summary>What happened to an object.</summary>
public enum WatchEventType
{
    /// <summary>It was created, or existed when the watch began.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone; the object is its last state.</summary>
    Deleted,

    /// <summary>Nothing happened up to this object's version.</summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
/// <typeparam name="T">Kind of the object.</typeparam>
/// <param name="Type">What happened.</param>
/// <param name="Object">To which object; for a bookmark only its resource version is filled.</param>
public readonly record struct WatchEvent<T>(WatchEventType Type, T Object);
