using System.Globalization;

namespace Castellan.Policy;

/// <summary>A length of time in which a purse lasts; windows follow each other without gap.</summary>
/// <param name="Length">How long.</param>
public readonly record struct BudgetWindow(TimeSpan Length)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    // A Monday, so that weeks begin on one; for what divides a day it makes no difference.
    private static readonly DateTimeOffset Origin = new(1970, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads <c>15m</c>, <c>24h</c>, <c>7d</c>; null if it is none, or longer than 366 days.</summary>
    public static BudgetWindow? Parse(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
        {
            return null;
        }

        TimeSpan? unit = text[^1] switch { 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), _ => null };
        return unit is { } one && count <= Longest / one ? new BudgetWindow(count * one) : null;
    }

    /// <summary>The window in which a time lies: it begins then and ends just before.</summary>
    public (DateTimeOffset Start, DateTimeOffset End) At(DateTimeOffset time)
    {
        var since = (time - Origin).Ticks;
        var start = Origin.AddTicks(since - (since % Length.Ticks + Length.Ticks) % Length.Ticks);
        return (start, start + Length);
    }
}
