using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace Castellan.Storage.Postgres;

/// <summary>Makes commands from constant texts and values.</summary>
internal static class PostgresStatements
{
    private static readonly ConcurrentDictionary<string, int> Counts = new(StringComparer.Ordinal);

    public static NpgsqlBatchCommand Command(string sql, ReadOnlySpan<SqlValue> values)
    {
        var count = Counts.GetOrAdd(sql, CountParameters);
        if (values.Length != count)
        {
            throw new StoreException($"a statement takes {count} parameters but got {values.Length}: {sql}");
        }

        var command = new NpgsqlBatchCommand(sql);
        foreach (ref readonly var value in values)
        {
            command.Parameters.Add(Parameter(in value));
        }

        return command;
    }

    /// <summary>Whether the server answers a posted statement with rows. (One that begins with <c>with</c> ends in a select.)</summary>
    public static bool ReturnsRows(string sql) => sql.StartsWith("select", StringComparison.Ordinal) || sql.StartsWith("with", StringComparison.Ordinal);

    private static NpgsqlParameter Parameter(ref readonly SqlValue value) => value.Kind switch
    {
        SqlValue.ValueKind.Integer => new NpgsqlParameter<long> { TypedValue = value.Integer, NpgsqlDbType = NpgsqlDbType.Bigint },
        SqlValue.ValueKind.Real => new NpgsqlParameter<double> { TypedValue = value.Real, NpgsqlDbType = NpgsqlDbType.Double },
        SqlValue.ValueKind.Text => new NpgsqlParameter<string> { TypedValue = value.Text, NpgsqlDbType = NpgsqlDbType.Text },
        SqlValue.ValueKind.Bytes => new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value.Memory, NpgsqlDbType = NpgsqlDbType.Bytea },
        _ => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown }, // the server knows the type from its place
    };

    // Texts are constants of the program: $n in a quoted literal does not occur.
    private static int CountParameters(string sql)
    {
        var highest = 0;
        var seen = 0UL;
        for (var i = sql.IndexOf('$'); i >= 0; i = sql.IndexOf('$', i + 1))
        {
            var number = 0;
            for (var j = i + 1; j < sql.Length && char.IsAsciiDigit(sql[j]); j++)
            {
                number = (number * 10) + (sql[j] - '0');
            }

            if (number is > 0 and <= 64)
            {
                highest = Math.Max(highest, number);
                seen |= 1UL << (number - 1);
            }
        }

        for (var i = 0; i < highest; i++)
        {
            if ((seen & (1UL << i)) == 0)
            {
                throw new StoreException($"a statement has parameters up to ${highest} but none named ${i + 1}; number them from $1 without gaps: {sql}");
            }
        }

        return highest;
    }
}
