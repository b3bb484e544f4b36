using Castellan.Storage.Writing;

namespace Castellan.Storage.Postgres;

/// <summary>
/// The writer's connection. Statements that nobody waits for travel with the next one, so that a unit needs few round trips; a savepoint is
/// taken only where units before it in the transaction must be kept. After a loss the next transaction connects again.
/// </summary>
internal sealed class PostgresWriter(Func<PostgresSession> open, PostgresSession first, TimeProvider clock) : IWriterConnection
{
    private const string BeginTransaction = "begin";
    private const string Savepoint = "savepoint unit";
    private const string Release = "release savepoint unit";
    private static readonly TimeSpan OutcomePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OutcomePause = TimeSpan.FromMilliseconds(200);

    private readonly ManualResetEventSlim _pause = new(); // never set: the writer has a thread and nothing else to do
    private readonly PostgresAddress _address = first.Address;
    private PostgresSession? _session = first;
    private StoreException? _failed;
    private readonly string _id = Guid.NewGuid().ToString("N");
    private long _transaction;
    private int _kept;
    private bool _open;

    private PostgresSession Session => _session ?? throw new InvalidOperationException("no transaction");

    public void Begin()
    {
        if (_session is { IsBroken: true })
        {
            _session.Dispose();
            _session = null;
        }

        _session ??= open();
        _failed = null;
        _kept = 0;
        PostBegin();
        _open = true;
    }

    // Every transaction leaves its number, so that one whose answer to the commit was lost can be looked up. (The server's own numbers will not
    // do: after a crash it may give one again.)
    private void PostBegin()
    {
        Session.Post(BeginTransaction);
        Session.Post("insert into store_writer(id, last, seen) values($1, $2, $3) on conflict(id) do update set last = excluded.last, seen = excluded.seen",
            _id, ++_transaction, clock.GetUtcNow());
    }

    public void BeginUnit()
    {
        if (_kept > 0)
        {
            Session.Post(Savepoint);
        }
    }

    public void EndUnit()
    {
        CheckUnit();
        Session.Flush();
        if (_kept++ > 0)
        {
            Session.Post(Release);
        }
    }

    public bool TryUndoUnit(Exception error)
    {
        _failed = null;
        if (Session.IsBroken)
        {
            return false;
        }

        if (_kept > 0 && Session.TryDiscardFrom(Savepoint))
        {
            return true; // the server has seen nothing of the unit
        }

        Session.Discard();
        if (_kept > 0)
        {
            Session.Run("rollback to savepoint unit");
            Session.Post(Release);
        }
        else
        {
            Session.Run("rollback");
            PostBegin();
        }

        return true;
    }

    public void Commit()
    {
        if (Session.TryDiscardFrom(BeginTransaction))
        {
            _open = false; // no statement of any unit reached the server
            return;
        }

        Session.Post("commit");
        try
        {
            Session.Flush();
            _open = false;
        }
        catch (StoreException error) when (Session.IsBroken)
        {
            _open = false;
            if (!WasCommitted(error))
            {
                throw;
            }
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
        if (_open && _session is { IsBroken: false } session)
        {
            _open = false;
            session.Discard();
            session.Run("rollback");
        }

        _open = false;
    }

    public StoreException Lost(Exception error) => PostgresErrors.From(error, _address, "commit") is StoreUnavailableException unavailable
        ? unavailable
        : new StoreUnavailableException($"the commit to {_address} failed: {error.Message}; nothing of it was written, try again", error);

    public List<T> Query<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters)
    {
        CheckUnit();
        try
        {
            return Session.Query(sql, map, parameters);
        }
        catch (StoreException error)
        {
            _failed = error;
            throw;
        }
    }

    public T? First<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters)
    {
        CheckUnit();
        try
        {
            return Session.First(sql, map, parameters);
        }
        catch (StoreException error)
        {
            _failed = error;
            throw;
        }
    }

    public int Execute(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        CheckUnit();
        try
        {
            return Session.Execute(sql, parameters);
        }
        catch (StoreException error)
        {
            _failed = error;
            throw;
        }
    }

    public long Insert(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        Post(sql, parameters);
        return First("select lastval()", row => row.GetInt64(0));
    }

    public void Post(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        CheckUnit();
        Session.Post(sql, parameters);
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
