using Castellan.Storage.Writing;
using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>
/// One transaction of several units. What units post waits until something is asked, and goes then in one round trip. A statement that fails there
/// may belong to a unit that ended long ago: that unit is undone (each but the first has a savepoint before it) and told, and what follows it,
/// of which the server has executed nothing, is sent again.
/// </summary>
/// <param name="session">The connection; no transaction is open.</param>
/// <param name="postBegin">Posts what opens a transaction.</param>
internal sealed class PostgresPipeline(PostgresSession session, Action<Action<PostedStatement>> postBegin)
{
    private readonly List<PostedStatement> _posted = [];
    private WriteUnit? _first;
    private WriteUnit? _current;
    private bool _isCurrentSent;
    private bool _isOpen;
    private bool _isLost;
    private int _kept;

    public bool IsBroken => session.IsBroken;

    public void BeginUnit(WriteUnit unit)
    {
        if (!_isOpen && _posted.Count == 0)
        {
            postBegin(_posted.Add);
        }

        _current = unit;
        _isCurrentSent = false;
        if (_kept == 0)
        {
            _first = unit; // nothing before it needs to be kept when it fails
        }
        else
        {
            Frame("savepoint unit", unit);
        }
    }

    public void EndUnit()
    {
        if (_current != _first)
        {
            Frame("release savepoint unit", _current);
        }

        _current = null;
        _kept++;
    }

    /// <summary>Undoes the unit that runs.</summary>
    /// <returns>False when the whole transaction is lost.</returns>
    public bool TryUndoUnit()
    {
        if (session.IsBroken || _isLost)
        {
            return false;
        }

        var unit = _current;
        _current = null;
        _posted.RemoveAll(posted => posted.Unit == unit);
        if (_isCurrentSent)
        {
            PostUndo(unit);
        }

        return true;
    }

    public void Post(string sql, ReadOnlySpan<SqlValue> parameters, RowNumber? number = null) => _posted.Add(PostedStatement.Of(sql, parameters, _current, number));

    /// <summary>Sends what waits, and then this.</summary>
    public T Ask<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read) => Send(command, read);

    public void Commit()
    {
        if (!_isOpen && !_posted.Exists(posted => posted is { Unit: not null, IsWork: true }))
        {
            return; // no unit did anything
        }

        Frame("commit", null);
        Send(null, _ => true);
        _isOpen = false;
    }

    /// <summary>The transaction is durable, but the connection broke before its numbers were read: those who wait for one must read for themselves.</summary>
    public void AnswerLost(StoreOutcomeUnknownException error)
    {
        foreach (var posted in _posted.Where(posted => posted.Number is { IsKnown: false }))
        {
            posted.Unit!.Undone(error);
        }
    }

    public void Abandon()
    {
        _posted.Clear();
        if (_isOpen && !session.IsBroken)
        {
            session.Run("rollback");
        }
    }

    private T Send<T>(NpgsqlBatchCommand? last, Func<NpgsqlDataReader, T> read)
    {
        while (true)
        {
            try
            {
                _isOpen = true; // as far as anybody here can know from now on
                var result = session.Send(_posted, last, read);
                Sent();
                return result;
            }
            catch (StoreException error) when (!session.IsBroken)
            {
                var at = session.Failed is { } failed ? _posted.FindIndex(posted => posted.Command == failed) : -1;
                var unit = at < 0 ? null : _posted[at].Unit;
                if (unit is not null && unit != _current)
                {
                    unit.Undone(error);
                    DropUnit(unit, at);
                    continue;
                }

                // What failed is the running unit's, and all before it was executed; or nobody knows what was.
                _isLost = unit is null && (session.Failed is null || session.Failed != last);
                Sent();
                throw;
            }
        }
    }

    private void Sent()
    {
        _posted.Clear();
        _isCurrentSent = _current is not null;
    }

    private void DropUnit(WriteUnit unit, int at)
    {
        var rest = _posted.Skip(at + 1).Where(posted => posted.Unit != unit).ToList();
        _posted.Clear();
        PostUndo(unit);
        _posted.AddRange(rest);
    }

    private void PostUndo(WriteUnit? unit)
    {
        if (unit == _first)
        {
            _first = null;
            session.Run("rollback");
            _isOpen = false;
            postBegin(_posted.Add);
            return;
        }

        Frame("rollback to savepoint unit", null);
        Frame("release savepoint unit", null);
    }

    private void Frame(string sql, WriteUnit? unit) => _posted.Add(PostedStatement.Of(sql, [], unit) with { IsWork = false });
}
