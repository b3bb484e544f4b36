using System.Globalization;

namespace Castellan.Cel.Library;

/// <summary>timestamp(), duration() and their parts.</summary>
/// <remarks>Source: cel-spec, doc/langdef.md, "Timestamps" and "List of Standard Definitions".</remarks>
internal static class TimeLibrary
{
    private const long NanosPerSecond = 1_000_000_000;

    public static IEnumerable<CelOverload> Overloads() =>
    [
        CelOverload.Global("timestamp", [CelType.String], CelType.Timestamp, a =>
            TimeText.ReadTimestamp(a[0].Text) is { } time ? CelValue.From(time) : CelValue.Fail($"{Formatting.Hint(a[0])} is no timestamp between the years 1 and 9999; write it as 2009-02-13T23:31:30Z")),
        CelOverload.Global("timestamp", [CelType.Int], CelType.Timestamp, a =>
            new CelTimestamp(a[0].AsInt, 0) is { IsValid: true } time ? CelValue.From(time) : CelValue.Fail($"timestamp({a[0]}) is out of range")),
        CelOverload.Global("timestamp", [CelType.Timestamp], CelType.Timestamp, a => a[0]),
        CelOverload.Global("duration", [CelType.String], CelType.Duration, a =>
            TimeText.ReadDuration(a[0].Text) is { } span ? CelValue.From(span) : CelValue.Fail($"{Formatting.Hint(a[0])} is no duration, or out of range; write it as 1h30m or 1.5s")),
        CelOverload.Global("duration", [CelType.Duration], CelType.Duration, a => a[0]),
        .. Part("getFullYear", t => t.Year),
        .. Part("getMonth", t => t.Month - 1),
        .. Part("getDayOfYear", t => t.DayOfYear - 1),
        .. Part("getDayOfMonth", t => t.Day - 1),
        .. Part("getDate", t => t.Day),
        .. Part("getDayOfWeek", t => (int)t.DayOfWeek),
        .. Part("getHours", t => t.Hour, s => s / (3600 * NanosPerSecond)),
        .. Part("getMinutes", t => t.Minute, s => s / (60 * NanosPerSecond)),
        .. Part("getSeconds", t => t.Second, s => s / NanosPerSecond),
        .. Part("getMilliseconds", t => t.Millisecond, s => s / 1_000_000 % 1000),
    ];

    private static IEnumerable<CelOverload> Part(string name, Func<DateTime, int> ofTime, Func<Int128, Int128>? ofSpan = null)
    {
        yield return CelOverload.Member(name, [CelType.Timestamp], CelType.Int, a => CelValue.From((long)ofTime(a[0].AsTimestamp.ToDateTime())));
        yield return CelOverload.Member(name, [CelType.Timestamp, CelType.String], CelType.Int, a =>
            Local(a[0].AsTimestamp.ToDateTime(), a[1].Text) is { } local ? CelValue.From((long)ofTime(local)) : CelValue.Fail($"{Formatting.Hint(a[1])} is no time zone; write a name such as Europe/Berlin or an offset such as +01:00"));
        if (ofSpan is not null)
        {
            yield return CelOverload.Member(name, [CelType.Duration], CelType.Int, a => CelValue.From((long)ofSpan(a[0].AsDuration.TotalNanoseconds)));
        }
    }

    private static DateTime? Local(DateTime utc, string zone)
    {
        TimeSpan offset;
        var digits = zone.TrimStart('+', '-');
        if (digits.Length == 5 && TimeSpan.TryParseExact(digits, @"hh\:mm", CultureInfo.InvariantCulture, out var fixedOffset))
        {
            offset = zone[0] == '-' ? -fixedOffset : fixedOffset;
        }
        else if (TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
        {
            offset = found.GetUtcOffset(utc);
        }
        else
        {
            return null;
        }
        var ticks = utc.Ticks + offset.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks, DateTimeKind.Unspecified) : null;
    }
}
