using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Castellan.Policy;

/// <summary>
/// Writes JSON in one form only: members sorted by UTF-16 code units, no blanks, one way to write each text and number.
/// </summary>
/// <remarks>
/// Source: RFC 8785 (JSON Canonicalization Scheme), with one difference: whole numbers are written in full instead of as the nearest
/// double, so that no two different arguments share a digest.
/// </remarks>
internal static class CanonicalJson
{
    private const int LongestNumber = 400;

    /// <summary>Writes an element.</summary>
    /// <exception cref="FormatException">A member comes twice, a text holds half a surrogate pair, or a number is too large for a double.</exception>
    public static string Write(JsonElement json)
    {
        var result = new StringBuilder();
        Write(result, json);
        return result.ToString();
    }

    private static void Write(StringBuilder result, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(result, json);
                break;
            case JsonValueKind.Array:
                var separator = '[';
                foreach (var item in json.EnumerateArray())
                {
                    result.Append(separator);
                    Write(result, item);
                    separator = ',';
                }
                result.Append(separator == '[' ? "[]" : "]");
                break;
            case JsonValueKind.String:
                WriteText(result, json.GetString()!);
                break;
            case JsonValueKind.Number:
                result.Append(Number(json.GetRawText()));
                break;
            case JsonValueKind.True:
                result.Append("true");
                break;
            case JsonValueKind.False:
                result.Append("false");
                break;
            default:
                result.Append("null");
                break;
        }
    }

    private static void WriteObject(StringBuilder result, JsonElement json)
    {
        var separator = '{';
        string? previous = null;
        foreach (var member in json.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (member.Name == previous) throw new FormatException($"the JSON object is ambiguous: the member '{previous}' is repeated; send each member once");
            result.Append(separator);
            WriteText(result, member.Name);
            result.Append(':');
            Write(result, member.Value);
            (separator, previous) = (',', member.Name);
        }
        result.Append(separator == '{' ? "{}" : "}");
    }

    private static void WriteText(StringBuilder result, string text)
    {
        result.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD', StringComparison.Ordinal)) throw new FormatException("a text in the JSON holds half a surrogate pair; send valid Unicode");
            var escape = rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < 0x20 => $"\\u{rune.Value:x4}",
                _ => rune.ToString(),
            };
            result.Append(escape);
        }
        result.Append('"');
    }

    private static string Number(string raw)
    {
        if (raw.Length > LongestNumber) throw new FormatException($"a number in the JSON has {raw.Length} characters; send at most {LongestNumber}");
        if (raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0) return BigInteger.Parse(raw, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        var value = double.Parse(raw, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value)) throw new FormatException($"the number {raw} in the JSON is too large; send one that fits into a double");
        if (value == 0) return "0";
        return Math.Abs(value) is >= 1e-6 and < 1e21 ? Plain(value) : Exponential(value);
    }

    // ECMAScript's Number::toString writes digits in full from 1e-6 up to 1e21, else with an exponent without leading zeros.
    private static string Plain(double value)
    {
        var (sign, digits, exponent) = Parts(value);
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits}{new string('0', exponent + 1 - digits.Length)}"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static string Exponential(double value)
    {
        var (sign, digits, exponent) = Parts(value);
        var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");
    }

    /// <summary>Sign, shortest digits without zeros around, and the decimal exponent of the first digit.</summary>
    private static (string Sign, string Digits, int Exponent) Parts(double value)
    {
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var number = mark < 0 ? text : text[..mark];
        var point = number.IndexOf('.', StringComparison.Ordinal);
        exponent += (point < 0 ? number.Length : point) - 1;
        var digits = number.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        return (value < 0 ? "-" : "", digits.Trim('0'), exponent - leading);
    }
}
