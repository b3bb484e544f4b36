namespace Castellan.Storage;

/// <summary>
/// One unit of work on the single writer: everything it executes becomes durable together or not at all. Features that must agree
/// (history, claims, audit, budgets) write in the same unit. It reads what it has written.
/// </summary>
/// <remarks>
/// A unit whose statement failed is lost and must let the exception out: what may meet an existing row says <c>on conflict … do nothing</c>.
/// </remarks>
public interface IUnitOfWork : IReadView
{
    /// <summary>Executes one statement.</summary>
    /// <param name="sql">Constant text with parameters <c>$1</c>…</param>
    /// <param name="parameters">Values in the order of their numbers.</param>
    /// <returns>The number of rows inserted, updated or deleted.</returns>
    /// <exception cref="StoreConflictException">A uniqueness, check or foreign-key constraint refused the row; the unit is lost.</exception>
    int Execute(string sql, params ReadOnlySpan<SqlValue> parameters);

    /// <summary>
    /// Executes one statement whose count nobody needs. It may be sent with others, of this unit or of later ones; if it fails, the unit is lost and
    /// its caller gets the error, whether or not the delegate has returned meanwhile.
    /// </summary>
    /// <inheritdoc cref="Execute"/>
    void Post(string sql, params ReadOnlySpan<SqlValue> parameters);

    /// <summary>
    /// Executes one insert into a table that numbers its rows by itself; the number is known once the unit is durable. Like
    /// <see cref="Post"/> it costs no round trip of its own.
    /// </summary>
    /// <inheritdoc cref="Execute"/>
    RowNumber PostInsert(string sql, params ReadOnlySpan<SqlValue> parameters);

    /// <summary>Executes one insert into a table that numbers its rows by itself, and returns the number that the row was given.</summary>
    /// <inheritdoc cref="Execute"/>
    long Insert(string sql, params ReadOnlySpan<SqlValue> parameters);
}
