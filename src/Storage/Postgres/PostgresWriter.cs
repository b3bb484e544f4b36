using Castellan.Storage.Writing;
using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>
/// The writer's connection. Statements that nobody waits for travel with the next one that somebody waits for, also those of units that have ended:
/// units that only post go to the server in one round trip together with their commit (see <see cref="PostgresPipeline"/>). After a loss the next
/// transaction connects again.
/// </summary>
internal sealed class PostgresWriter(Func<PostgresSession> open, PostgresSession first, TimeProvider clock) : IWriterConnection
{
    private static readonly TimeSpan OutcomePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OutcomePause = TimeSpan.FromMilliseconds(200);

    private readonly ManualResetEventSlim _pause = new(); // never set: the writer has a thread and nothing else to do
    private readonly PostgresAddress _address = first.Address;
    private readonly string _id = Guid.NewGuid().ToString("N");
    private PostgresSession? _session = first;
    private PostgresPipeline? _pipeline;
    private StoreException? _failed;
    private long _transaction;

    private PostgresPipeline Pipeline => _pipeline ?? throw new InvalidOperationException("no transaction");

    public void Begin()
    {
        if (_session is { IsBroken: true })
        {
            _session.Dispose();
            _session = null;
        }

        _session ??= open();
        _failed = null;
        _pipeline = new(_session, PostBegin);
    }

    // Every transaction leaves its number, so that one whose answer to the commit was lost can be looked up. (The server's own numbers will not
    // do: after a crash it may give one again.)
    private void PostBegin(Action<PostedStatement> post)
    {
        post(PostedStatement.Of("begin", []));
        post(PostedStatement.Of("insert into store_writer(id, last, seen) values($1, $2, $3) on conflict(id) do update set last = excluded.last, seen = excluded.seen",
            [_id, ++_transaction, clock.GetUtcNow()]));
    }

    public void BeginUnit(WriteUnit unit) => Pipeline.BeginUnit(unit);

    public void EndUnit()
    {
        CheckUnit();
        Pipeline.EndUnit();
    }

    public bool TryUndoUnit(Exception error)
    {
        _failed = null;
        return Pipeline.TryUndoUnit();
    }

    public void Commit()
    {
        var pipeline = Pipeline;
        try
        {
            pipeline.Commit();
            _pipeline = null;
        }
        catch (StoreException error) when (pipeline.IsBroken)
        {
            _pipeline = null;
            if (!WasCommitted(error))
            {
                throw;
            }

            pipeline.AnswerLost(new StoreOutcomeUnknownException($"{error.Message}. What was written is durable, but the answer to it is lost; read it", error));
        }
    }

    // The answer to the commit is lost with the connection; the row it left tells what became of the transaction.
    private bool WasCommitted(StoreException error)
    {
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < OutcomePatience)
        {
            try
            {
                _session?.Dispose();
                _session = null;
                _session = open();
                return _session.First("select last from store_writer where id = $1 for update", row => row.GetInt64(0), _id) >= _transaction; // waits for the lost session's end
            }
            catch (StoreUnavailableException)
            {
                // still down: ask again
            }

            _pause.Wait(OutcomePause);
        }

        throw new StoreOutcomeUnknownException($"{error.Message}. The connection broke during a commit and the server did not say in time what became of it; read again what was written", error);
    }

    public void Abandon()
    {
        _failed = null;
        var pipeline = _pipeline;
        _pipeline = null;
        pipeline?.Abandon();
    }

    public StoreException Lost(Exception error) => PostgresErrors.From(error, _address, "commit") is StoreUnavailableException unavailable
        ? unavailable
        : new StoreUnavailableException($"the commit to {_address} failed: {error.Message}; nothing of it was written, try again", error);

    public List<T> Query<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) =>
        Ask(PostgresStatements.Command(sql, parameters), reader => PostgresRow.ReadAll(reader, map));

    public T? First<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) =>
        Ask(PostgresStatements.Command(sql, parameters), reader => PostgresRow.ReadFirst(reader, map));

    public int Execute(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        var command = PostgresStatements.Command(sql, parameters);
        Ask(command, _ => true);
        return command.RecordsAffected;
    }

    public long Insert(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        Post(sql, parameters);
        return First("select lastval()", row => row.GetInt64(0));
    }

    public RowNumber PostInsert(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        Post(sql, parameters);
        var number = new RowNumber();
        Pipeline.Post("select lastval()", [], number);
        return number;
    }

    public void Post(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        CheckUnit();
        Pipeline.Post(sql, parameters);
    }

    private T Ask<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read)
    {
        CheckUnit();
        try
        {
            return Pipeline.Ask(command, read);
        }
        catch (StoreException error)
        {
            _failed = error;
            throw;
        }
    }

    private void CheckUnit()
    {
        if (_failed is not null)
        {
            throw UnitFailure.Continued(_failed);
        }
    }

    public void Dispose()
    {
        _session?.Dispose();
        _pause.Dispose();
    }
}
