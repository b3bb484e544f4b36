using Npgsql;

namespace Castellan.Storage.Postgres;

internal sealed class PostgresRow(NpgsqlDataReader reader) : SqlRow
{
    public static List<T> ReadAll<T>(NpgsqlDataReader reader, Func<SqlRow, T> map)
    {
        var rows = new List<T>();
        var row = new PostgresRow(reader);
        while (reader.Read())
        {
            rows.Add(map(row));
        }

        return rows;
    }

    public static T? ReadFirst<T>(NpgsqlDataReader reader, Func<SqlRow, T> map) => reader.Read() ? map(new PostgresRow(reader)) : default;

    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override string GetString(int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

    public override long GetInt64(int column) => reader.IsDBNull(column) ? 0 : reader.GetInt64(column);

    public override double GetDouble(int column) => reader.IsDBNull(column) ? 0 : reader.GetDouble(column);

    public override byte[] GetBytes(int column) => reader.IsDBNull(column) ? [] : reader.GetFieldValue<byte[]>(column);
}
