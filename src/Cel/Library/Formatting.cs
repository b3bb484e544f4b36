using System.Globalization;
using System.Text;

namespace Castellan.Cel.Library;

/// <summary>Writes values as text: as <c>string()</c> does, and as <c>format()</c>'s %s does.</summary>
internal static class Formatting
{
    /// <summary>The text of a value that has one of its own; otherwise its type.</summary>
    public static string Display(in CelValue value) => value.Kind switch
    {
        CelKind.Null => "null",
        CelKind.Bool => value.IsTrue ? "true" : "false",
        CelKind.Int => value.AsInt.ToString(CultureInfo.InvariantCulture),
        CelKind.Uint => value.AsUint.ToString(CultureInfo.InvariantCulture),
        CelKind.Double => Number(value.AsDouble),
        CelKind.String => value.Text,
        CelKind.Bytes => Encoding.UTF8.GetString(value.Octets),
        CelKind.Type => value.AsType.Name,
        CelKind.Timestamp => TimeText.Write(value.AsTimestamp),
        CelKind.Duration => TimeText.Write(value.AsDuration),
        CelKind.Opaque => value.AsOpaque.ToString()!,
        _ => value.TypeName,
    };

    /// <summary>A value for an error message: texts by their length only, since they may be secret.</summary>
    public static string Hint(in CelValue value) => value.Kind switch
    {
        CelKind.String => $"a string of {Text.Length(value.Text)} characters",
        CelKind.Bytes => $"{value.Octets.Length} bytes",
        CelKind.List or CelKind.Map or CelKind.Optional or CelKind.Object => value.TypeName,
        _ => value.ToString(),
    };

    /// <summary>As <see cref="Display"/>, with lists and maps in full; keys are sorted.</summary>
    /// <returns>The text; <see langword="null"/> when a value inside has no text.</returns>
    public static string? Full(in CelValue value)
    {
        var result = new StringBuilder();
        return Append(result, value) ? result.ToString() : null;
    }

    /// <summary>The shortest decimal text that reads back as the same number, never with an exponent.</summary>
    public static string Number(double value)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "Infinity" : "-Infinity";
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        if (mark < 0) return text;
        var exponent = int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = text[0] == '-' ? "-" : "";
        var digits = text[sign.Length..mark];
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? digits.Length : point;
        digits = digits.Replace(".", "", StringComparison.Ordinal);
        var position = whole + exponent;
        if (position <= 0) return $"{sign}0.{new string('0', -position)}{digits}";
        return position >= digits.Length ? $"{sign}{digits}{new string('0', position - digits.Length)}" : $"{sign}{digits[..position]}.{digits[position..]}";
    }

    private static bool Append(StringBuilder result, in CelValue value)
    {
        if (result.Length > Evaluation.ArithmeticNode.LongestText) throw Evaluation.LimitExceededException.TextTooLong();
        switch (value.Kind)
        {
            case CelKind.List:
                return AppendList(result, value.AsList);
            case CelKind.Map:
                return AppendMap(result, value.AsMap);
            case CelKind.Optional or CelKind.Object or CelKind.Unknown or CelKind.Error or CelKind.Undefined:
                return false;
            default:
                result.Append(Display(value));
                return true;
        }
    }

    private static bool AppendList(StringBuilder result, CelList list)
    {
        result.Append('[');
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0) result.Append(", ");
            if (!Append(result, list[i])) return false;
        }
        result.Append(']');
        return true;
    }

    private static bool AppendMap(StringBuilder result, CelMap map)
    {
        var separator = "";
        result.Append('{');
        foreach (var (key, value) in map.Select(e => (Key: Display(e.Key), e.Value)).OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            result.Append(separator).Append(key).Append(": ");
            if (!Append(result, value)) return false;
            separator = ", ";
        }
        result.Append('}');
        return true;
    }
}
