using Castellan.Storage.Reading;
using Castellan.Storage.Writing;

namespace Castellan.Storage.Sqlite;

/// <summary>The store on SQLite: write-ahead log, synchronous=FULL, one writer, pooled readers.</summary>
internal sealed class SqliteStore : Store
{
    private readonly StoreLock _lock;
    private readonly GroupCommit _writer;
    private readonly ReaderPool _readers;
    private readonly string _path;
    private bool _disposed;

    private SqliteStore(string path, StoreLock storeLock, GroupCommit writer, ReaderPool readers)
    {
        _path = path;
        Location = StoreLocation.Sqlite(path);
        _lock = storeLock;
        _writer = writer;
        _readers = readers;
    }

    public override StoreLocation Location { get; }

    public override StoreStatistics Statistics => _writer.Statistics;

    public static new Task<Store> OpenAsync(StoreOptions options, CancellationToken ct) => Task.Run<Store>(() => Open(options), ct);

    private static SqliteStore Open(StoreOptions options)
    {
        options.Check();
        SqliteLibrary.Load();
        var path = Path.GetFullPath(options.Location.Path);
        PrepareFolder(path);
        var storeLock = StoreLock.Take(path);
        SqliteConnection? connection = null;
        try
        {
            PrepareFile(path);
            connection = SqliteConnection.Open(path, readOnly: false);
            Configure(connection, options);
            SqliteMigrations.Apply(connection, options);
            var readers = new ReaderPool(() => SqliteConnection.Open(path, readOnly: true), options.Readers);
            return new(path, storeLock, new GroupCommit(connection, options.MaxUnitsPerCommit), readers);
        }
        catch
        {
            connection?.Dispose();
            storeLock.Dispose();
            throw;
        }
    }

    private static void PrepareFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the folder '{folder}' of the store cannot be created: {e.Message}; choose a data directory you may write", e);
        }
    }

    // SQLite would create the file with the process's umask; the log and the index beside it copy the file's mode.
    // A file that may only be read it would open all the same, and refuse the first write.
    private static void PrepareFile(string path)
    {
        var exists = File.Exists(path);
        try
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = exists ? FileMode.Open : FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = exists ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreException($"the store '{path}' cannot be opened for writing: {e.Message}; check its owner and permissions", e);
        }
    }

    private static void Configure(SqliteConnection connection, StoreOptions options)
    {
        connection.Run("pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on; pragma temp_store=memory; pragma journal_size_limit=67108864");
        if (options.MaxBytes is { } bytes)
        {
            var page = connection.First("pragma page_size", row => row.GetInt64(0));
            connection.Run($"pragma max_page_count={Math.Max(1, bytes / page)}");
        }

        if (new FileInfo(connection.Path).Length <= options.IntegrityCheckMaxBytes
            && connection.First("pragma quick_check(1)", row => row.GetString(0)) is { } verdict && verdict != "ok")
        {
            throw SqliteErrors.Corrupted(connection.Path, verdict);
        }
    }

    public override Task<T> WriteAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct) => _writer.WriteAsync(work, ct);

    public override Task<T> WriteAloneAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct) => _writer.WriteAsync(work, ct, alone: true);

    public override Task<T> ReadAsync<T>(Func<IReadView, T> work, CancellationToken ct) => _readers.ReadAsync(work, ct);

    public override Task BackupAsync(string path, CancellationToken ct) => Task.Run(() =>
    {
        using var connection = SqliteConnection.Open(_path, readOnly: true);
        SqliteMigrations.Backup(connection, path);
    }, ct);

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
        _lock.Dispose();
    }
}
