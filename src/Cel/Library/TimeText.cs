using System.Globalization;
using System.Text.RegularExpressions;

namespace Castellan.Cel.Library;

/// <summary>Timestamps as RFC 3339 and durations as a sequence of numbers with units, both with nanoseconds.</summary>
internal static partial class TimeText
{
    private const int LongestNumber = 25;

    public static string Write(CelTimestamp time)
    {
        var text = time.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        return time.Nanos == 0 ? text + "Z" : $"{text}.{time.Nanos:000000000}".TrimEnd('0') + "Z";
    }

    public static string Write(CelDuration span)
    {
        var sign = span.Seconds < 0 || span.Nanos < 0 ? "-" : "";
        var text = string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(span.Seconds)}");
        return span.Nanos == 0 ? text + "s" : $"{text}.{Math.Abs(span.Nanos):000000000}".TrimEnd('0') + "s";
    }

    public static CelTimestamp? ReadTimestamp(string text)
    {
        var match = Rfc3339().Match(text);
        if (!match.Success) return null;
        var numbers = Enumerable.Range(1, 6).Select(i => Int(match.Groups[i].ValueSpan)).ToArray();
        if (numbers[0] < 1 || numbers[1] is < 1 or > 12 || numbers[2] < 1 || numbers[2] > DateTime.DaysInMonth(numbers[0], numbers[1])) return null;
        if (numbers[3] > 23 || numbers[4] > 59 || numbers[5] > 59) return null;
        var local = new DateTime(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], DateTimeKind.Utc);
        var nanos = match.Groups[7].Length == 0 ? 0 : Int(match.Groups[7].Value.PadRight(9, '0'));
        var zone = match.Groups[8].Value;
        var offset = 0;
        if (zone is not ("Z" or "z"))
        {
            var (hours, minutes) = (Int(zone.AsSpan(1, 2)), Int(zone.AsSpan(4, 2)));
            if (hours > 23 || minutes > 59) return null;
            offset = (zone[0] == '-' ? -60 : 60) * ((hours * 60) + minutes);
        }
        var time = new CelTimestamp(((local.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - offset, nanos);
        return time.IsValid ? time : null;
    }

    public static CelDuration? ReadDuration(string text)
    {
        var negative = text.StartsWith('-');
        var at = negative || text.StartsWith('+') ? 1 : 0;
        if (text.AsSpan(at) is "0") return new CelDuration(0, 0);
        if (at == text.Length) return null;
        Int128 total = 0;
        while (at < text.Length)
        {
            var unit = text.AsSpan(at).IndexOfAnyExcept("0123456789.");
            if (unit is <= 0 or > LongestNumber) return null;
            var number = text.AsSpan(at, unit);
            at += unit;
            var end = text.AsSpan(at).IndexOfAny("0123456789.");
            if (NanosPer(end < 0 ? text.AsSpan(at) : text.AsSpan(at, end)) is not { } nanos) return null;
            at = end < 0 ? text.Length : at + end;
            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)) return null;
            if (amount > CelDuration.MaxSeconds * 1_000_000_000m / nanos) return null;
            total += (Int128)(amount * nanos);
        }
        var span = CelDuration.FromNanoseconds(negative ? -total : total);
        return span.IsValid ? span : null;
    }

    private static long? NanosPer(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" or "µs" or "μs" => 1_000,
        "ns" => 1,
        _ => null,
    };

    private static int Int(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex Rfc3339();
}
