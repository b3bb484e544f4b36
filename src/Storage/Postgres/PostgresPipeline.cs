using Castellan.Storage.Writing;
using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>
/// One transaction of several units. What units post waits until something is asked, and goes then in one round trip. A statement that fails there
/// may belong to a unit that ended long ago: that unit alone is undone and told, and what follows it, of which the server has executed nothing, is
/// sent again.
/// </summary>
/// <remarks>
/// A unit that begins when nothing has been sent has no savepoint, which would cost more than all else: if one such fails, the transaction begins
/// again, and the others, which got no answer that could have changed meanwhile, are sent again as they were. The one that asks first (the opener) and
/// those after it cannot be sent again; those after it have savepoints.
/// </remarks>
/// <param name="session">The connection; no transaction is open.</param>
/// <param name="postBegin">Posts what opens a transaction.</param>
internal sealed class PostgresPipeline(PostgresSession session, Action<Action<PostedStatement>> postBegin)
{
    private readonly List<PostedStatement> _posted = [];
    private readonly List<PostedStatement> _repeatable = []; // sent, of units before the opener
    private WriteUnit? _opener;
    private WriteUnit? _current;
    private bool _isCurrentSent;
    private bool _isOpen;
    private bool _isLost;

    public bool IsBroken => session.IsBroken;

    public void BeginUnit(WriteUnit unit)
    {
        _current = unit;
        _isCurrentSent = false;
        if (_isOpen)
        {
            Frame("savepoint unit", unit); // not released: the next one hides it
        }
    }

    public void EndUnit() => _current = null;

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
            Undo(unit);
        }

        return true;
    }

    public void Post(string sql, ReadOnlySpan<SqlValue> parameters, RowNumber? number = null) => _posted.Add(PostedStatement.Of(sql, parameters, _current, number));

    /// <summary>Sends what waits, and then this.</summary>
    public T Ask<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read) => Send(command, read);

    public void Commit()
    {
        if (!_isOpen && _posted.Count == 0)
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
            if (!_isOpen)
            {
                Open();
            }

            try
            {
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

    private void Open()
    {
        var begin = new List<PostedStatement>();
        postBegin(begin.Add);
        _posted.ForEach(posted => posted.Number?.Set(null)); // of a transaction that was rolled back
        _posted.InsertRange(0, begin);
        _isOpen = true; // as far as anybody here can know from now on
        _opener = _current;
    }

    private void Sent()
    {
        if (_opener is null || _opener == _current)
        {
            _repeatable.AddRange(_posted.Where(posted => posted.Unit is not null && posted.Unit != _current));
        }

        _posted.Clear();
        _isCurrentSent = _current is not null;
    }

    // Of a transaction that this send was to open, all is sent again but the unit; of one that is open, what follows the unit.
    private void DropUnit(WriteUnit unit, int at)
    {
        var isOpening = _posted.Exists(posted => posted.Unit is null && posted.Command.CommandText == "begin");
        var again = _posted.Skip(isOpening ? 0 : at + 1).Where(posted => posted.Unit != unit && !(isOpening && IsOpening(posted))).ToList();
        _posted.Clear();
        if (isOpening)
        {
            Rollback();
        }
        else
        {
            Undo(unit);
        }

        _posted.AddRange(again);
    }

    private void Undo(WriteUnit? unit)
    {
        if (unit != _opener)
        {
            Frame("rollback to savepoint unit", null);
            return;
        }

        Rollback();
        _posted.AddRange(_repeatable);
        _repeatable.Clear();
    }

    private void Rollback()
    {
        session.Run("rollback");
        _isOpen = false;
        _opener = null;
    }

    private static bool IsOpening(PostedStatement posted) => posted is { Unit: null, IsWork: true };

    private void Frame(string sql, WriteUnit? unit) => _posted.Add(PostedStatement.Of(sql, [], unit) with { IsWork = false });
}
