namespace Castellan.Storage.Writing;

/// <summary>The writer's connection: a transaction of many units, each of which can be undone alone.</summary>
internal interface IWriterConnection : IUnitOfWork, IDisposable
{
    void Begin();

    void BeginUnit();

    /// <summary>Makes sure that all of the unit was executed.</summary>
    void EndUnit();

    /// <summary>Undoes the unit that failed and keeps those before it.</summary>
    /// <returns>False when the whole transaction is lost.</returns>
    bool TryUndoUnit(Exception error);

    void Commit();

    /// <summary>Undoes the transaction, if there is one.</summary>
    void Abandon();

    /// <summary>What its callers are told when a transaction is lost by an error that is not the store's.</summary>
    StoreException Lost(Exception error);
}
