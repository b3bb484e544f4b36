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

    /// <summary>The statement that the last error came from; null when the server did not name one.</summary>
    public NpgsqlBatchCommand? Failed { get; private set; }

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
        _posted.Add(PostedStatement.Of(sql, parameters));

    public List<T> Query<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) =>
        Send(PostgresStatements.Command(sql, parameters), reader => PostgresRow.ReadAll(reader, map));

    public T? First<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) =>
        Send(PostgresStatements.Command(sql, parameters), reader => PostgresRow.ReadFirst(reader, map));

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
        PostedStatement[] posted = [.. _posted];
        _posted.Clear();
        return Send(posted, last, read);
    }

    /// <summary>Sends statements in one round trip.</summary>
    /// <param name="posted">Those whose answers nobody waits for.</param>
    /// <param name="last">One whose answer is read; null for none.</param>
    /// <param name="read">Reads it.</param>
    public T Send<T>(IReadOnlyList<PostedStatement> posted, NpgsqlBatchCommand? last, Func<NpgsqlDataReader, T> read)
    {
        using var batch = new NpgsqlBatch(_connection);
        foreach (var one in posted)
        {
            batch.BatchCommands.Add(one.Command);
        }

        if (last is not null)
        {
            batch.BatchCommands.Add(last);
        }

        return Guard((last ?? posted[^1].Command).CommandText, () =>
        {
            using var reader = batch.ExecuteReader();
            foreach (var one in posted.Where(one => one.ReturnsRows))
            {
                one.Take(reader);
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
        Failed = null;
        try
        {
            return send();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException || (error is InvalidOperationException && IsBroken))
        {
            Failed = (error as NpgsqlException)?.BatchCommand as NpgsqlBatchCommand;
            throw PostgresErrors.From(error, Address, Failed?.CommandText ?? what);
        }
    }

    public void Dispose() => _connection.Dispose();
}
