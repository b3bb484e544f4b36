using Castellan.Storage.Postgres;
using Castellan.Storage.Sqlite;

namespace Castellan.Storage;

/// <summary>
/// A durable store with one writer and many readers. Units of work queue for the writer, which runs many of them in one transaction
/// (group commit), each inside a savepoint: a unit that throws is rolled back alone. A write completes when its commit is on disk.
/// </summary>
/// <example>
/// <code>
/// await using var store = await Store.OpenAsync(new StoreOptions { Location = StoreLocation.Parse("sqlite:data/castellan.db"), Migrations = [schema] }, ct);
/// var id = await store.WriteAsync(unit =&gt; unit.Insert("insert into item(name) values($1)", "lamp"), ct);
/// var count = await store.ReadAsync(view =&gt; view.First("select count(*) from item", row =&gt; row.GetInt64(0)), ct);
/// </code>
/// </example>
public abstract class Store : IAsyncDisposable
{
    /// <summary>Opens the store, takes its lock, checks it and brings its schema forward (with a backup beside it first).</summary>
    /// <exception cref="StoreInUseException">Another process holds the file, or uses the database whose schema must change.</exception>
    /// <exception cref="StoreCorruptedException">The file is damaged; it is left as it is.</exception>
    /// <exception cref="SqliteLibraryException">The system has no usable SQLite library.</exception>
    /// <exception cref="StoreUnavailableException">The database server cannot be reached.</exception>
    /// <exception cref="StoreException">The store was written by a newer version, its folder cannot be used, or the server refused the user.</exception>
    public static Task<Store> OpenAsync(StoreOptions options, CancellationToken ct) => options.Location.Kind switch
    {
        StoreKind.Postgres => PostgresStore.OpenAsync(options, ct),
        _ => SqliteStore.OpenAsync(options, ct),
    };

    /// <summary>Where the store lies.</summary>
    public abstract StoreLocation Location { get; }

    /// <summary>What a database that several processes use offers beyond; <see langword="null"/> where one process has the store for itself.</summary>
    public virtual SharedStore? Shared => null;

    /// <summary>How much was written since opening.</summary>
    public abstract StoreStatistics Statistics { get; }

    /// <summary>Runs a unit of work on the writer; completes when it is durable.</summary>
    /// <param name="work">Runs once, on the writer: no waiting, no I/O of its own.</param>
    /// <param name="ct">Withdraws the unit while it is still queued; once begun it is finished.</param>
    /// <returns>What <paramref name="work"/> returned.</returns>
    /// <exception cref="StoreUnavailableException">Disk full or failed, or the server cannot be reached: nothing of this unit was written.</exception>
    /// <exception cref="StoreOutcomeUnknownException">The server was lost during the commit and did not come back in time.</exception>
    public abstract Task<T> WriteAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct);

    /// <summary>
    /// As <see cref="WriteAsync{T}"/>, in a transaction without other units: for a unit that takes a lock of its own
    /// (<see cref="SharedStore.Lock"/>). Among others it would hold what they hold, too, while it waits, and so could two processes wait for each other.
    /// </summary>
    public abstract Task<T> WriteAloneAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct);

    /// <summary>Runs a unit of work that returns nothing.</summary>
    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<IUnitOfWork> work, CancellationToken ct) => WriteAsync(unit =>
    {
        work(unit);
        return true;
    }, ct);

    /// <summary>Runs queries on a pooled connection; all of them see the same committed state.</summary>
    /// <param name="work">Runs on the calling thread; again, when the connection turns out to be lost.</param>
    /// <param name="ct">Ends the wait for a free connection.</param>
    public abstract Task<T> ReadAsync<T>(Func<IReadView, T> work, CancellationToken ct);

    /// <summary>Writes a consistent copy of the store to a new file while it stays in use.</summary>
    /// <exception cref="StoreException">The file exists already or cannot be written; or the store is on PostgreSQL, which <c>pg_dump</c> backs up.</exception>
    public abstract Task BackupAsync(string path, CancellationToken ct);

    /// <summary>Finishes the queued units, closes the store and gives its lock back.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Counters since opening.</summary>
/// <param name="Units">Units of work that became durable.</param>
/// <param name="Commits">Transactions they shared.</param>
public readonly record struct StoreStatistics(long Units, long Commits);
