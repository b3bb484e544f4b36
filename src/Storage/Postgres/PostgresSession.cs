using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>One connection and the statements that wait to be sent with the next one. Used by one thread at a time; never shared.</summary>
internal sealed class PostgresSession : IDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly List<PostedStatement> _posted = [];

    private PostgresSession(PostgresAddress address, NpgsqlConnection connection)
    {
        Address = address;
        _connection = connection;
    }

    public PostgresAddress Address { get; }

    public bool IsBroken => _connection.State != System.Data.ConnectionState.Open;

    public bool HasPosted => _posted.Count > 0;

    /// <summary>Opens a connection on which a commit means that the data is on disk, whatever the server's default.</summary>
    public static PostgresSession Open(PostgresAddress address)
    {
        var connection = address.Connect();
        try
        {
            connection.Open();
            var session = new PostgresSession(address, connection);
            if (session.First("select current_setting('synchronous_commit')", row => row.GetString(0)) is "off" or "local")
            {
                session.Run("set synchronous_commit = on");
            }

            return session;
        }
        catch (Exception error)
        {
            connection.Dispose();
            throw PostgresErrors.From(error, address, "open");
        }
    }

    public void Post(string sql, params ReadOnlySpan<SqlValue> parameters) =>
        _posted.Add(new(PostgresStatements.Command(sql, parameters), PostgresStatements.ReturnsRows(sql)));

    public List<T> Query<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) =>
        Send(PostgresStatements.Command(sql, parameters), reader =>
        {
            var rows = new List<T>();
            var row = new PostgresRow(reader);
            while (reader.Read())
            {
                rows.Add(map(row));
            }

            return rows;
        });

    public T? First<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) =>
        Send(PostgresStatements.Command(sql, parameters), reader => reader.Read() ? map(new PostgresRow(reader)) : default);

    public int Execute(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        var command = PostgresStatements.Command(sql, parameters);
        Send(command, _ => true);
        return command.RecordsAffected;
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        if (_posted.Count > 0)
        {
            Send(null, _ => true);
        }
    }

    /// <summary>Forgets what waits.</summary>
    public void Discard() => _posted.Clear();

    /// <summary>Forgets what waits from this statement on.</summary>
    /// <returns>False when it does not wait: it was sent.</returns>
    public bool TryDiscardFrom(string sql)
    {
        var at = _posted.FindLastIndex(posted => posted.Command.CommandText == sql);
        if (at < 0)
        {
            return false;
        }

        _posted.RemoveRange(at, _posted.Count - at);
        return true;
    }

    /// <summary>Runs a script of several statements without parameters.</summary>
    public void Run(string script)
    {
        using var command = new NpgsqlCommand(script, _connection) { CommandTimeout = 0 };
        Guard(script, () => command.ExecuteNonQuery());
    }

    /// <summary>Waits for a notification.</summary>
    public Task WaitAsync(CancellationToken ct) => _connection.WaitAsync(ct);

    public event NotificationEventHandler Notified
    {
        add => _connection.Notification += value;
        remove => _connection.Notification -= value;
    }

    private T Send<T>(NpgsqlBatchCommand? last, Func<NpgsqlDataReader, T> read)
    {
        var what = last?.CommandText ?? _posted[^1].Command.CommandText;
        using var batch = new NpgsqlBatch(_connection);
        foreach (var posted in _posted)
        {
            batch.BatchCommands.Add(posted.Command);
        }

        if (last is not null)
        {
            batch.BatchCommands.Add(last);
        }

        var earlier = _posted.Count(posted => posted.ReturnsRows);
        _posted.Clear();
        return Guard(what, () =>
        {
            using var reader = batch.ExecuteReader();
            for (var i = 0; i < earlier; i++)
            {
                reader.NextResult();
            }

            var result = read(reader);
            while (reader.NextResult())
            {
            }

            return result;
        });
    }

    private T Guard<T>(string what, Func<T> send)
    {
        try
        {
            return send();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException || (error is InvalidOperationException && IsBroken))
        {
            throw PostgresErrors.From(error, Address, what);
        }
    }

    public void Dispose() => _connection.Dispose();

    private readonly record struct PostedStatement(NpgsqlBatchCommand Command, bool ReturnsRows);
}
