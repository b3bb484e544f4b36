using System.Globalization;
using SQLitePCL;

namespace Castellan.Storage.Sqlite;

/// <summary>One prepared statement; binds by the number in the parameter's name, so that $2 may stand before $1.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _handle;
    private readonly string _sql;
    private readonly int[] _slots;

    public SqliteStatement(SqliteConnection connection, sqlite3_stmt handle, string sql)
    {
        _connection = connection;
        _handle = handle;
        _sql = sql;
        Row = new SqliteRow(handle);
        _slots = new int[raw.sqlite3_bind_parameter_count(handle)];
        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i] = raw.sqlite3_bind_parameter_index(handle, "$" + (i + 1).ToString(CultureInfo.InvariantCulture));
            if (_slots[i] == 0)
            {
                throw new StoreException($"a statement has {_slots.Length} parameters but none named ${i + 1}; number them from $1 without gaps: {sql}");
            }
        }
    }

    public SqlRow Row { get; }

    public bool InUse { get; private set; }

    public SqliteStatement Bind(ReadOnlySpan<SqlValue> values)
    {
        if (values.Length != _slots.Length)
        {
            throw new StoreException($"a statement takes {_slots.Length} parameters but got {values.Length}: {_sql}");
        }

        for (var i = 0; i < values.Length; i++)
        {
            var code = Bind(_slots[i], in values[i]);
            if (code != raw.SQLITE_OK)
            {
                throw _connection.Error(code, _sql);
            }
        }

        InUse = true;
        return this;
    }

    private int Bind(int slot, ref readonly SqlValue value) => value.Kind switch
    {
        SqlValue.ValueKind.Integer => raw.sqlite3_bind_int64(_handle, slot, value.Integer),
        SqlValue.ValueKind.Real => raw.sqlite3_bind_double(_handle, slot, value.Real),
        SqlValue.ValueKind.Text => raw.sqlite3_bind_text(_handle, slot, value.Text),
        SqlValue.ValueKind.Bytes => value.Bytes.Length == 0 ? raw.sqlite3_bind_zeroblob(_handle, slot, 0) : raw.sqlite3_bind_blob(_handle, slot, value.Bytes),
        _ => raw.sqlite3_bind_null(_handle, slot),
    };

    /// <returns>Whether there is a row.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(_handle);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw _connection.Error(code, _sql),
        };
    }

    public void Reset()
    {
        InUse = false;
        _ = raw.sqlite3_reset(_handle); // repeats the code of the failed step, which was thrown already
        _ = raw.sqlite3_clear_bindings(_handle);
    }

    public void Dispose() => _handle.Dispose();
}
