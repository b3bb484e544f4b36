namespace Castellan.Storage;

/// <summary>What processes that share one database can say to each other.</summary>
public abstract class SharedStore
{
    /// <summary>Longest message in bytes of UTF-8.</summary>
    public const int MaxMessageBytes = 7_900;

    /// <summary>Sends a message to every process that listens, if and when the unit becomes durable. It is a hint: it may be lost.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="channel">Lower-case letters, digits and underscores.</param>
    /// <param name="message">At most <see cref="MaxMessageBytes"/>.</param>
    public abstract void Notify(IUnitOfWork unit, string channel, string message);

    /// <summary>Makes the unit the only one, of all processes, that has passed here under this name, until its transaction ends.</summary>
    public abstract void Lock(IUnitOfWork unit, string name);

    /// <summary>As <see cref="Lock"/>, but does not wait.</summary>
    /// <returns>False when another unit has passed here, of another transaction.</returns>
    public abstract bool TryLock(IUnitOfWork unit, string name);

    /// <summary>Listens on a channel with a connection of its own, which is opened again when it is lost.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="received">Gets each message; an empty one whenever listening begins (again): anything may have been missed. Must not throw or wait.</param>
    /// <returns>Ends the listening when disposed.</returns>
    public abstract IAsyncDisposable Listen(string channel, Action<string> received);
}
