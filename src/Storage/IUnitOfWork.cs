namespace Castellan.Storage;

/// <summary>
/// One unit of work on the single writer: everything it executes becomes durable together or not at all. Features that must agree
/// (history, claims, audit, budgets) write in the same unit. It reads what it has written.
/// </summary>
public interface IUnitOfWork : IReadView
{
    /// <summary>Executes one statement.</summary>
    /// <param name="sql">Constant text with parameters <c>$1</c>…</param>
    /// <param name="parameters">Values in the order of their numbers.</param>
    /// <returns>The number of rows inserted, updated or deleted.</returns>
    /// <exception cref="StoreConflictException">A uniqueness, check or foreign-key constraint refused the row; the unit may go on.</exception>
    int Execute(string sql, params ReadOnlySpan<SqlValue> parameters);

    /// <summary>Executes one insert and returns the row id it was given.</summary>
    /// <inheritdoc cref="Execute"/>
    long Insert(string sql, params ReadOnlySpan<SqlValue> parameters);
}
