namespace Castellan.Cel;

public readonly partial struct CelValue
{
    /// <summary>The null value.</summary>
    public static CelValue Null { get; } = new(CelKind.Null);

    /// <summary>True.</summary>
    public static CelValue True { get; } = new(CelKind.Bool, 1);

    /// <summary>False.</summary>
    public static CelValue False { get; } = new(CelKind.Bool);

    /// <summary>A value that is not known yet; whatever depends on it is unknown, too.</summary>
    public static CelValue Unknown { get; } = new(CelKind.Unknown);

    /// <summary>An optional without a value.</summary>
    public static CelValue None { get; } = new(CelKind.Optional);

    /// <summary>Makes a boolean.</summary>
    public static CelValue From(bool value) => new(CelKind.Bool, value ? 1 : 0);

    /// <summary>Makes a signed integer.</summary>
    public static CelValue From(long value) => new(CelKind.Int, value);

    /// <summary>Makes an unsigned integer.</summary>
    public static CelValue From(ulong value) => new(CelKind.Uint, unchecked((long)value));

    /// <summary>Makes a floating-point number.</summary>
    public static CelValue From(double value) => new(CelKind.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Makes a text; null becomes the null value.</summary>
    public static CelValue From(string? value) => value is null ? Null : new CelValue(CelKind.String, reference: value);

    /// <summary>Makes octets; the array is taken over.</summary>
    public static CelValue From(byte[] value) => new(CelKind.Bytes, reference: value);

    /// <summary>Makes a list.</summary>
    public static CelValue From(CelList value) => new(CelKind.List, reference: value);

    /// <summary>Makes a list of texts.</summary>
    public static CelValue From(IEnumerable<string> values) => new(CelKind.List, reference: new CelList([.. values.Select(v => From(v))]));

    /// <summary>Makes a map.</summary>
    public static CelValue From(CelMap value) => new(CelKind.Map, reference: value);

    /// <summary>Makes a map of texts.</summary>
    public static CelValue From(IEnumerable<KeyValuePair<string, string>> values) =>
        From(CelMap.Create(values.Select(v => new KeyValuePair<CelValue, CelValue>(From(v.Key), From(v.Value)))));

    /// <summary>Makes a type.</summary>
    public static CelValue From(CelType value) => new(CelKind.Type, reference: value);

    /// <summary>Makes a value of a host's object.</summary>
    public static CelValue From(CelObject value) => new(CelKind.Object, reference: value);

    /// <summary>Makes a point in time.</summary>
    public static CelValue From(CelTimestamp value) => new(CelKind.Timestamp, value.Seconds, nanos: value.Nanos);

    /// <summary>Makes a point in time.</summary>
    public static CelValue From(DateTimeOffset value) => From(CelTimestamp.From(value));

    /// <summary>Makes a span of time.</summary>
    public static CelValue From(CelDuration value) => new(CelKind.Duration, value.Seconds, nanos: value.Nanos);

    /// <summary>Makes a span of time.</summary>
    public static CelValue From(TimeSpan value) => From(CelDuration.From(value));

    /// <summary>Makes an optional that holds <paramref name="value"/>.</summary>
    public static CelValue Some(CelValue value) => new(CelKind.Optional, reference: new OptionalBox(value));

    /// <summary>Makes a failure.</summary>
    /// <param name="message">What went wrong, with the value that was wrong.</param>
    public static CelValue Fail(string message) => new(CelKind.Error, reference: new CelError(message));

    internal static CelValue From(CelOpaque value) => new(CelKind.Opaque, reference: value);

    internal static CelValue Fail(string message, int offset) => new(CelKind.Error, reference: new CelError(message, offset));

    /// <summary>Gives a failure that knows no place the place where it was met.</summary>
    internal CelValue At(int offset) => Error.Offset >= 0 ? this : Fail(Error.Message, offset);
}
