using Castellan.Storage.Writing;
using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>A statement that waits to be sent with others.</summary>
/// <param name="Command">The statement.</param>
/// <param name="ReturnsRows">Whether the server answers it with rows.</param>
/// <param name="Unit">Whose it is; null: the transaction's.</param>
/// <param name="Number">Gets the number that the answer holds.</param>
internal sealed record PostedStatement(NpgsqlBatchCommand Command, bool ReturnsRows, WriteUnit? Unit, RowNumber? Number)
{
    /// <summary>Whether it does something, rather than set the unit apart from others.</summary>
    public bool IsWork { get; init; } = true;

    public static PostedStatement Of(string sql, ReadOnlySpan<SqlValue> parameters, WriteUnit? unit = null, RowNumber? number = null) =>
        new(PostgresStatements.Command(sql, parameters), PostgresStatements.ReturnsRows(sql), unit, number);

    /// <summary>Reads the answer.</summary>
    public void Take(NpgsqlDataReader reader)
    {
        if (Number is not null && reader.Read())
        {
            Number.Set(reader.GetInt64(0));
        }
    }
}
