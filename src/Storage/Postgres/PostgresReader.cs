using Castellan.Storage.Reading;

namespace Castellan.Storage.Postgres;

/// <summary>A pooled connection that reads one committed state at a time.</summary>
internal sealed class PostgresReader(PostgresSession session) : IReaderConnection, IUnitOfWork
{
    public bool IsBroken => session.IsBroken;

    public void BeginRead() => session.Post("begin isolation level repeatable read, read only");

    public bool TryEndRead()
    {
        if (session.HasPosted)
        {
            session.Discard(); // nothing was asked
            return !session.IsBroken;
        }

        if (!session.IsBroken)
        {
            try
            {
                session.Run("rollback");
            }
            catch (StoreException)
            {
                return false; // the caller's answer, or error, stands; the connection goes
            }
        }

        return !session.IsBroken;
    }

    public List<T> Query<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) => session.Query(sql, map, parameters);

    public T? First<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters) => session.First(sql, map, parameters);

    public int Execute(string sql, params ReadOnlySpan<SqlValue> parameters) => session.Execute(sql, parameters);

    public void Post(string sql, params ReadOnlySpan<SqlValue> parameters) => session.Execute(sql, parameters);

    public RowNumber PostInsert(string sql, params ReadOnlySpan<SqlValue> parameters) => new(session.Execute(sql, parameters));

    public long Insert(string sql, params ReadOnlySpan<SqlValue> parameters) => session.Execute(sql, parameters);

    public void Dispose() => session.Dispose();
}
