using System.Globalization;

namespace Castellan.Digests;

/// <summary>Writes doubles as ECMAScript does, which RFC 8785 asks for.</summary>
/// <remarks>Source: ECMA-262, Number::toString.</remarks>
internal static class EcmaScriptNumber
{
    internal static string Write(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        // "E16" gives too many digits; "R" gives the shortest that round-trip, from which digits and exponent are taken.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var (digits, point) = Split(shortest);
        var sign = value < 0 ? "-" : "";
        var count = digits.Length;
        return sign + (point switch
        {
            _ when point >= count && point <= 21 => digits + new string('0', point - count),
            > 0 and <= 21 => $"{digits[..point]}.{digits[point..]}",
            > -6 and <= 0 => $"0.{new string('0', -point)}{digits}",
            _ => Exponential(digits, point - 1),
        });
    }

    private static string Exponential(string digits, int exponent)
    {
        var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
        return $"{digits[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent).ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>The significant digits, and how many of them stand before the point.</summary>
    private static (string Digits, int Point) Split(string text)
    {
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        var all = whole + (dot < 0 ? "" : mantissa[(dot + 1)..]);
        var leading = all.Length - all.TrimStart('0').Length;
        return (all.Trim('0'), whole.Length - leading + exponent);
    }
}
