using Castellan.Storage.Reading;
using Castellan.Storage.Writing;
using SQLitePCL;

namespace Castellan.Storage.Sqlite;

/// <summary>One database handle with its prepared statements. Used by one thread at a time; never shared.</summary>
internal sealed class SqliteConnection : IWriterConnection, IReaderConnection
{
    private readonly sqlite3 _handle;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private StoreException? _failed;

    private SqliteConnection(string path, sqlite3 handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    /// <summary>Whether a transaction is open. SQLite ends it by itself on a full disk or an I/O error.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public static SqliteConnection Open(string path, bool readOnly)
    {
        SqliteLibrary.Load();
        var flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        var connection = new SqliteConnection(path, handle);
        if (code != raw.SQLITE_OK)
        {
            var error = connection.Error(code, "open");
            handle?.Dispose();
            throw error;
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, 10_000);
        return connection;
    }

    public List<T> Query<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters)
    {
        var statement = Prepare(sql).Bind(parameters);
        var rows = new List<T>();
        try
        {
            while (statement.Step())
            {
                rows.Add(map(statement.Row));
            }

            return rows;
        }
        finally
        {
            statement.Reset();
        }
    }

    public T? First<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters)
    {
        var statement = Prepare(sql).Bind(parameters);
        try
        {
            return statement.Step() ? map(statement.Row) : default;
        }
        finally
        {
            statement.Reset();
        }
    }

    public int Execute(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        var statement = Prepare(sql).Bind(parameters);
        try
        {
            while (statement.Step())
            {
            }

            return raw.sqlite3_changes(_handle);
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Post(string sql, params ReadOnlySpan<SqlValue> parameters) => Execute(sql, parameters);

    public RowNumber PostInsert(string sql, params ReadOnlySpan<SqlValue> parameters) => new(Insert(sql, parameters));

    public long Insert(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        Execute(sql, parameters);
        return raw.sqlite3_last_insert_rowid(_handle);
    }

    /// <summary>Runs a script of several statements without parameters.</summary>
    public void Run(string script)
    {
        var code = raw.sqlite3_exec(_handle, script);
        if (code != raw.SQLITE_OK)
        {
            throw Error(code, script);
        }
    }

    public void Begin() => Execute("begin immediate");

    public void BeginUnit(WriteUnit unit) => Execute("savepoint unit");

    public void EndUnit()
    {
        if (_failed is not null)
        {
            throw UnitFailure.Continued(_failed);
        }

        Execute("release unit");
    }

    public bool TryUndoUnit(Exception error)
    {
        _failed = null;
        if (!InTransaction || error is StoreUnavailableException)
        {
            return false;
        }

        Execute("rollback to unit");
        Execute("release unit");
        return true;
    }

    public void Commit() => Execute("commit");

    public void Abandon()
    {
        _failed = null;
        if (InTransaction)
        {
            Execute("rollback");
        }
    }

    public StoreException Lost(Exception error) =>
        new StoreUnavailableException($"the commit to '{Path}' failed: {error.Message}; nothing of it was written, try again", error);

    public bool IsBroken => false;

    public void BeginRead() => Execute("begin");

    public bool TryEndRead()
    {
        Abandon();
        return true;
    }

    internal StoreException Error(int code, string what) => _failed = SqliteErrors.From(code, _handle, Path, what);

    private SqliteStatement Prepare(string sql)
    {
        if (_failed is not null && InTransaction)
        {
            throw UnitFailure.Continued(_failed);
        }

        if (_statements.TryGetValue(sql, out var statement))
        {
            return statement.InUse ? throw new StoreException($"a statement was run inside its own mapping delegate; read its rows first: {sql}") : statement;
        }

        var code = raw.sqlite3_prepare_v2(_handle, sql, out var prepared);
        if (code != raw.SQLITE_OK)
        {
            throw Error(code, sql);
        }

        return _statements[sql] = new SqliteStatement(this, prepared, sql);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _handle.Dispose();
    }
}
