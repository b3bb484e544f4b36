namespace Castellan.Storage.Writing;

/// <summary>The writer's connection: a transaction of many units, each of which can be undone alone.</summary>
internal interface IWriterConnection : IUnitOfWork, IDisposable
{
    void Begin();

    void BeginUnit(WriteUnit unit);

    /// <summary>The unit has said all that it does. Some of it may be executed later, and tell the unit when it fails.</summary>
    void EndUnit();

    /// <summary>Undoes the unit that is running and failed, and keeps those before it.</summary>
    /// <returns>False when the whole transaction is lost.</returns>
    bool TryUndoUnit(Exception error);

    void Commit();

    /// <summary>Undoes the transaction, if there is one.</summary>
    void Abandon();

    /// <summary>What its callers are told when a transaction is lost by an error that is not the store's.</summary>
    StoreException Lost(Exception error);
}
