using Castellan.Storage.Reading;
using Castellan.Storage.Writing;

namespace Castellan.Storage.Postgres;

/// <summary>The store on PostgreSQL: one writing connection with group commit, pooled readers, any number of such processes.</summary>
internal sealed class PostgresStore : Store
{
    // Each unit after the first is a subtransaction; beyond 64 of them other sessions see them only through a slower path.
    private const int MostUnitsPerCommit = 64;

    private readonly GroupCommit _writer;
    private readonly ReaderPool _readers;
    private bool _disposed;

    private PostgresStore(StoreLocation location, GroupCommit writer, ReaderPool readers, PostgresNotifications shared)
    {
        Location = location;
        _writer = writer;
        _readers = readers;
        Shared = shared;
    }

    public override StoreLocation Location { get; }

    public override SharedStore Shared { get; }

    public override StoreStatistics Statistics => _writer.Statistics;

    public static new Task<Store> OpenAsync(StoreOptions options, CancellationToken ct) => Task.Run<Store>(() => Open(options), ct);

    private static PostgresStore Open(StoreOptions options)
    {
        options.Check();
        var address = options.Location.Address;
        PostgresMigrations.Apply(address, options);
        var first = PostgresMigrations.OpenUser(address, options);
        var writer = new PostgresWriter(() => PostgresMigrations.OpenUser(address, options), first, options.Clock);
        var readers = new ReaderPool(() => new PostgresReader(PostgresSession.Open(address)), options.Readers);
        return new(options.Location, new(writer, Math.Min(options.MaxUnitsPerCommit, MostUnitsPerCommit)), readers, new(address, options.Clock));
    }

    public override Task<T> WriteAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct) => _writer.WriteAsync(work, ct);

    public override Task<T> WriteAloneAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct) => _writer.WriteAsync(work, ct, alone: true);

    public override Task<T> ReadAsync<T>(Func<IReadView, T> work, CancellationToken ct) => _readers.ReadAsync(work, ct);

    public override Task BackupAsync(string path, CancellationToken ct) => Task.FromException(new StoreException(
        $"the store {Location} is backed up on its server; use pg_dump --format=custom --file={path} {Location.Address.Database}"));

    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _writer.StopAsync();
        await _readers.DisposeAsync();
        _writer.Close();
    }
}
