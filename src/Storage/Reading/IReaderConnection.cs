namespace Castellan.Storage.Reading;

/// <summary>A pooled connection that reads.</summary>
internal interface IReaderConnection : IReadView, IDisposable
{
    /// <summary>Whether it lost the database.</summary>
    bool IsBroken { get; }

    /// <summary>Begins a transaction that sees one committed state.</summary>
    void BeginRead();

    /// <summary>Ends it.</summary>
    /// <returns>False when the connection is of no more use.</returns>
    bool TryEndRead();
}
