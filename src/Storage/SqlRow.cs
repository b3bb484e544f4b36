namespace Castellan.Storage;

/// <summary>The current row of a query, by column position from 0. Valid only inside the mapping delegate.</summary>
public abstract class SqlRow
{
    /// <summary>Whether the column is NULL.</summary>
    public abstract bool IsNull(int column);

    /// <summary>A text column; empty for NULL.</summary>
    public abstract string GetString(int column);

    /// <summary>An integer column; 0 for NULL.</summary>
    public abstract long GetInt64(int column);

    /// <summary>A floating-point column; 0 for NULL.</summary>
    public abstract double GetDouble(int column);

    /// <summary>A copy of a binary column, or of the UTF-8 of a text column; empty for NULL.</summary>
    public abstract byte[] GetBytes(int column);

    /// <summary>A text column, or <see langword="null"/>.</summary>
    public string? GetStringOrNull(int column) => IsNull(column) ? null : GetString(column);

    /// <summary>An integer column, or <see langword="null"/>.</summary>
    public long? GetInt64OrNull(int column) => IsNull(column) ? null : GetInt64(column);

    /// <summary>A binary column, or <see langword="null"/>.</summary>
    public byte[]? GetBytesOrNull(int column) => IsNull(column) ? null : GetBytes(column);

    /// <summary>An integer column that fits 32 bits.</summary>
    public int GetInt32(int column) => checked((int)GetInt64(column));

    /// <summary>An integer column written from a <see cref="bool"/>.</summary>
    public bool GetBoolean(int column) => GetInt64(column) != 0;

    /// <summary>An integer column written from a <see cref="DateTimeOffset"/> (ticks of 100 ns, UTC).</summary>
    public DateTimeOffset GetTime(int column) => new(GetInt64(column), TimeSpan.Zero);

    /// <summary>A time column, or <see langword="null"/>.</summary>
    public DateTimeOffset? GetTimeOrNull(int column) => IsNull(column) ? null : GetTime(column);
}
