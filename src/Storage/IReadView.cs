namespace Castellan.Storage;

/// <summary>A consistent view of the store. Statements are prepared once per connection and cached by their text.</summary>
/// <remarks>
/// Write parameters as <c>$1</c>, <c>$2</c>, …: both SQLite and PostgreSQL take them. Keep SQL text constant and put values into parameters.
/// A view is valid only inside the delegate that received it.
/// </remarks>
/// <example>
/// <code>
/// var names = await store.ReadAsync(view =&gt; view.Query("select name from item where kind = $1", row =&gt; row.GetString(0), "tool"), ct);
/// </code>
/// </example>
public interface IReadView
{
    /// <summary>Runs a query and maps each row.</summary>
    /// <param name="sql">Constant text with parameters <c>$1</c>…</param>
    /// <param name="map">Called once per row; the row is valid only during the call.</param>
    /// <param name="parameters">Values in the order of their numbers.</param>
    /// <returns>The mapped rows in the order of the query; empty when none matched.</returns>
    List<T> Query<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters);

    /// <summary>Runs a query and maps its first row; <see langword="default"/> when there is none.</summary>
    /// <inheritdoc cref="Query{T}"/>
    T? First<T>(string sql, Func<SqlRow, T> map, params ReadOnlySpan<SqlValue> parameters);
}
