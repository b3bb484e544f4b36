namespace Castellan.Cel;

/// <summary>A point in time between the years 1 and 9999 (UTC).</summary>
/// <param name="Seconds">Seconds since 1970-01-01T00:00:00Z.</param>
/// <param name="Nanos">Nanoseconds within the second: 0 to 999,999,999.</param>
public readonly record struct CelTimestamp(long Seconds, int Nanos) : IComparable<CelTimestamp>
{
    internal const long MinSeconds = -62_135_596_800;
    internal const long MaxSeconds = 253_402_300_799;

    internal bool IsValid => Seconds is >= MinSeconds and <= MaxSeconds;

    /// <summary>Makes a point in time from .NET's, which counts in 100 nanoseconds.</summary>
    public static CelTimestamp From(DateTimeOffset value)
    {
        var (seconds, ticks) = Math.DivRem(value.UtcTicks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerSecond);
        return ticks < 0 ? new(seconds - 1, (int)(ticks + TimeSpan.TicksPerSecond) * 100) : new(seconds, (int)ticks * 100);
    }

    /// <summary>The point in time in .NET's terms; less than 100 nanoseconds are cut off.</summary>
    public DateTimeOffset ToDateTimeOffset() => new(ToDateTime(), TimeSpan.Zero);

    /// <inheritdoc/>
    public int CompareTo(CelTimestamp other) => Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanos.CompareTo(other.Nanos);

    internal DateTime ToDateTime() => DateTime.UnixEpoch.AddTicks((Seconds * TimeSpan.TicksPerSecond) + (Nanos / 100));

    internal CelTimestamp? Add(CelDuration duration) => Normal(Seconds + duration.Seconds, (long)Nanos + duration.Nanos);

    internal CelTimestamp? Subtract(CelDuration duration) => Normal(Seconds - duration.Seconds, (long)Nanos - duration.Nanos);

    /// <summary>The span between two points; <see langword="null"/> beyond the 292 years that 64 bits of nanoseconds hold.</summary>
    internal CelDuration? Subtract(CelTimestamp other)
    {
        var nanos = ((Int128)(Seconds - other.Seconds) * 1_000_000_000) + (Nanos - other.Nanos);
        return nanos > long.MaxValue || nanos < long.MinValue ? null : CelDuration.FromNanoseconds(nanos);
    }

    private static CelTimestamp? Normal(long seconds, long nanos)
    {
        if (nanos >= 1_000_000_000) (seconds, nanos) = (seconds + 1, nanos - 1_000_000_000);
        if (nanos < 0) (seconds, nanos) = (seconds - 1, nanos + 1_000_000_000);
        var sum = new CelTimestamp(seconds, (int)nanos);
        return sum.IsValid ? sum : null;
    }
}
