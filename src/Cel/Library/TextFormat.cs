using System.Globalization;
using System.Numerics;
using System.Text;

namespace Castellan.Cel.Library;

/// <summary><c>"…".format([…])</c>: %s %d %f %e %b %o %x %X and %%, with an optional precision for %f and %e.</summary>
internal sealed class TextFormat(string format, CelList arguments)
{
    private const int DefaultPrecision = 6;
    private const int HighestPrecision = 1000;
    private readonly StringBuilder result = new();
    private int next;

    public CelValue Write()
    {
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                result.Append(format[at]);
            }
            else if (at + 1 < format.Length && format[at + 1] == '%')
            {
                result.Append('%');
                at++;
            }
            else if (Clause(ref at) is { } problem)
            {
                return CelValue.Fail(problem);
            }
            if (result.Length > Evaluation.ArithmeticNode.LongestText) throw Evaluation.LimitExceededException.TextTooLong();
        }
        return CelValue.From(result.ToString());
    }

    /// <summary>Writes one clause.</summary>
    /// <returns>What is wrong with it, or <see langword="null"/>.</returns>
    private string? Clause(ref int at)
    {
        var start = ++at;
        int? precision = null;
        if (at < format.Length && format[at] == '.')
        {
            var end = at + 1;
            while (end < format.Length && char.IsAsciiDigit(format[end])) end++;
            if (!int.TryParse(format.AsSpan(at + 1, end - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) || digits > HighestPrecision)
            {
                return $"the precision in '%{format[start..Math.Min(end + 1, format.Length)]}' is no number up to {HighestPrecision}";
            }
            (precision, at) = (digits, end);
        }
        if (at >= format.Length) return "the format ends with an incomplete clause; write %% for a percent sign";
        var verb = format[at];
        if (!"sdfeboxX".Contains(verb, StringComparison.Ordinal)) return $"unrecognized formatting clause \"{verb}\"";
        if (next >= arguments.Count) return $"the format has more clauses than arguments: index {next} is out of range";
        var value = arguments[next++];
        var text = verb switch
        {
            's' => Formatting.Full(value),
            'd' => Decimal(value),
            'f' => Float(value, precision ?? DefaultPrecision),
            'e' => Scientific(value, precision ?? DefaultPrecision),
            'b' => value.Kind == CelKind.Bool ? (value.IsTrue ? "1" : "0") : Radix(value, 2),
            'o' => Radix(value, 8),
            _ => Hexadecimal(value, verb == 'X'),
        };
        if (text is null) return $"%{verb} cannot write {value.TypeName}";
        result.Append(text);
        return null;
    }

    private static string? Decimal(in CelValue value) => value.Kind switch
    {
        CelKind.Int or CelKind.Uint => Formatting.Display(value),
        CelKind.Double when !double.IsFinite(value.AsDouble) => Formatting.Display(value),
        _ => null,
    };

    private static double? Number(in CelValue value) => value.Kind switch
    {
        CelKind.Double => value.AsDouble,
        CelKind.Int => value.AsInt,
        CelKind.Uint => value.AsUint,
        _ => null,
    };

    private static string? Float(in CelValue value, int precision)
    {
        if (Number(value) is not { } number) return null;
        return double.IsFinite(number) ? Exact(number, precision) : Formatting.Number(number);
    }

    /// <summary>Rounds the number's exact value, halves to even, as C's printf does; .NET rounds halves away from zero.</summary>
    private static string Exact(double number, int precision)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger mantissa = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        var shift = Math.Max(exponent, 1) - 1075;
        var scaled = mantissa * BigInteger.Pow(10, precision);
        if (shift >= 0)
        {
            scaled <<= shift;
        }
        else
        {
            var divisor = BigInteger.One << -shift;
            scaled = BigInteger.DivRem(scaled, divisor, out var rest);
            var half = (rest << 1).CompareTo(divisor);
            if (half > 0 || (half == 0 && !scaled.IsEven)) scaled++;
        }
        var digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        var sign = bits < 0 ? "-" : "";
        return precision == 0 ? sign + digits : $"{sign}{digits[..^precision]}.{digits[^precision..]}";
    }

    private static string? Scientific(in CelValue value, int precision)
    {
        if (Number(value) is not { } number) return null;
        if (!double.IsFinite(number)) return Formatting.Number(number);
        var text = number.ToString($"e{precision}", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('e', StringComparison.Ordinal);
        var exponent = text[(mark + 2)..].TrimStart('0').PadLeft(2, '0');
        return $"{text[..(mark + 2)]}{exponent}";
    }

    private static string? Radix(in CelValue value, int radix)
    {
        if (value.Kind == CelKind.Uint) return Digits(value.AsUint, radix);
        if (value.Kind != CelKind.Int) return null;
        return value.AsInt < 0 ? "-" + Digits((ulong)-(Int128)value.AsInt, radix) : Digits((ulong)value.AsInt, radix);
    }

    private static string Digits(ulong value, int radix)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdef"[(int)(value % (ulong)radix)]);
            value /= (ulong)radix;
        }
        while (value > 0);
        return digits.ToString();
    }

    private static string? Hexadecimal(in CelValue value, bool upper)
    {
        var text = value.Kind switch
        {
            CelKind.String => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(value.Text)),
            CelKind.Bytes => Convert.ToHexStringLower(value.Octets),
            _ => Radix(value, 16),
        };
        return upper ? text?.ToUpperInvariant() : text;
    }
}
