namespace Castellan.Storage;

/// <summary>The value of one statement parameter: NULL, text, integer, floating point or bytes. Converts implicitly from those types.</summary>
public readonly struct SqlValue
{
    internal enum ValueKind : byte { Null, Integer, Real, Text, Bytes }

    private readonly long _number;
    private readonly string? _text;
    private readonly ReadOnlyMemory<byte> _bytes;

    private SqlValue(ValueKind kind, long number = 0, string? text = null, ReadOnlyMemory<byte> bytes = default)
    {
        Kind = kind;
        _number = number;
        _text = text;
        _bytes = bytes;
    }

    internal ValueKind Kind { get; }
    internal long Integer => _number;
    internal double Real => BitConverter.Int64BitsToDouble(_number);
    internal string Text => _text!;
    internal ReadOnlySpan<byte> Bytes => _bytes.Span;
    internal ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>NULL.</summary>
    public static SqlValue Null => default;

    /// <summary>Text, or NULL.</summary>
    public static implicit operator SqlValue(string? value) => value is null ? default : new(ValueKind.Text, text: value);

    /// <summary>An integer.</summary>
    public static implicit operator SqlValue(long value) => new(ValueKind.Integer, value);

    /// <summary>An integer, or NULL.</summary>
    public static implicit operator SqlValue(long? value) => value is { } number ? new(ValueKind.Integer, number) : default;

    /// <summary>An integer.</summary>
    public static implicit operator SqlValue(int value) => new(ValueKind.Integer, value);

    /// <summary>1 or 0.</summary>
    public static implicit operator SqlValue(bool value) => new(ValueKind.Integer, value ? 1 : 0);

    /// <summary>A floating-point number.</summary>
    public static implicit operator SqlValue(double value) => new(ValueKind.Real, BitConverter.DoubleToInt64Bits(value));

    /// <summary>UTC ticks of 100 ns, so that order and equality survive; read back with <see cref="SqlRow.GetTime"/>.</summary>
    public static implicit operator SqlValue(DateTimeOffset value) => new(ValueKind.Integer, value.UtcTicks);

    /// <summary>UTC ticks, or NULL.</summary>
    public static implicit operator SqlValue(DateTimeOffset? value) => value is { } time ? new(ValueKind.Integer, time.UtcTicks) : default;

    /// <summary>Bytes, or NULL.</summary>
    public static implicit operator SqlValue(byte[]? value) => value is null ? default : new(ValueKind.Bytes, bytes: value);

    /// <summary>Bytes.</summary>
    public static implicit operator SqlValue(ReadOnlyMemory<byte> value) => new(ValueKind.Bytes, bytes: value);
}
