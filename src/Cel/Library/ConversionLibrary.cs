using System.Globalization;
using System.Text;

namespace Castellan.Cel.Library;

/// <summary>Conversions between types; what does not fit is an error.</summary>
/// <remarks>Source: cel-spec, doc/langdef.md, "List of Standard Definitions".</remarks>
internal static class ConversionLibrary
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static IEnumerable<CelOverload> Overloads() =>
    [
        .. Conversions("bool", CelType.Bool, a => ToBool(a[0]), CelType.Bool, CelType.String),
        .. Conversions("bytes", CelType.Bytes, a => a[0].Kind == CelKind.Bytes ? a[0] : CelValue.From(Encoding.UTF8.GetBytes(a[0].Text)), CelType.Bytes, CelType.String),
        .. Conversions("double", CelType.Double, a => ToDouble(a[0]), CelType.Double, CelType.Int, CelType.Uint, CelType.String),
        .. Conversions("int", CelType.Int, a => ToInt(a[0]), CelType.Int, CelType.Uint, CelType.Double, CelType.String, CelType.Timestamp),
        .. Conversions("uint", CelType.Uint, a => ToUint(a[0]), CelType.Uint, CelType.Int, CelType.Double, CelType.String),
        .. Conversions("string", CelType.String, a => ToText(a[0]), CelType.String, CelType.Bool, CelType.Int, CelType.Uint, CelType.Double,
            CelType.Bytes, CelType.Timestamp, CelType.Duration),
    ];

    private static IEnumerable<CelOverload> Conversions(string name, CelType result, CelImplementation implementation, params CelType[] from) =>
        from.Select(type => CelOverload.Global(name, [type], result, implementation));

    private static CelValue ToBool(in CelValue value) => value.Kind == CelKind.Bool ? value : value.Text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => CelValue.True,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => CelValue.False,
        _ => Unreadable(value, "bool"),
    };

    private static CelValue ToDouble(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Double:
                return value;
            case CelKind.Int:
                return CelValue.From((double)value.AsInt);
            case CelKind.Uint:
                return CelValue.From((double)value.AsUint);
        }
        var text = value.Text;
        var word = text.TrimStart('+', '-').ToLowerInvariant();
        if (text.Length - word.Length <= 1 && word is "inf" or "infinity") return CelValue.From(text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
        if (string.Equals(text, "nan", StringComparison.OrdinalIgnoreCase)) return CelValue.From(double.NaN);
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? CelValue.From(number)
            : Unreadable(value, "double");
    }

    private static CelValue ToInt(in CelValue value) => value.Kind switch
    {
        CelKind.Int => value,
        CelKind.Uint => value.AsUint <= long.MaxValue ? CelValue.From((long)value.AsUint) : OutOfRange(value, "int"),
        CelKind.Double => value.AsDouble is > -TwoTo63 and < TwoTo63 ? CelValue.From((long)value.AsDouble) : OutOfRange(value, "int"),
        CelKind.Timestamp => CelValue.From(value.AsTimestamp.Seconds),
        _ => long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? CelValue.From(number)
            : Unreadable(value, "int"),
    };

    private static CelValue ToUint(in CelValue value) => value.Kind switch
    {
        CelKind.Uint => value,
        CelKind.Int => value.AsInt >= 0 ? CelValue.From((ulong)value.AsInt) : OutOfRange(value, "uint"),
        CelKind.Double => value.AsDouble is >= 0 and < TwoTo64 ? CelValue.From((ulong)value.AsDouble) : OutOfRange(value, "uint"),
        _ => ulong.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? CelValue.From(number)
            : Unreadable(value, "uint"),
    };

    private static CelValue ToText(in CelValue value)
    {
        if (value.Kind != CelKind.Bytes) return value.Kind == CelKind.String ? value : CelValue.From(Formatting.Display(value));
        try
        {
            return CelValue.From(Strict.GetString(value.Octets));
        }
        catch (DecoderFallbackException)
        {
            return CelValue.Fail("the bytes are no valid UTF-8");
        }
    }

    private static CelValue Unreadable(in CelValue value, string type) => CelValue.Fail($"{Formatting.Hint(value)} cannot be read as {type}");

    private static CelValue OutOfRange(in CelValue value, string type) => CelValue.Fail($"{value} is out of the range of {type}");
}
