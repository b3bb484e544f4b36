using Npgsql;

namespace Castellan.Storage.Postgres;

internal sealed class PostgresRow(NpgsqlDataReader reader) : SqlRow
{
    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override string GetString(int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

    public override long GetInt64(int column) => reader.IsDBNull(column) ? 0 : reader.GetInt64(column);

    public override double GetDouble(int column) => reader.IsDBNull(column) ? 0 : reader.GetDouble(column);

    public override byte[] GetBytes(int column) => reader.IsDBNull(column) ? [] : reader.GetFieldValue<byte[]>(column);
}
