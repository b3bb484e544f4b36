namespace Castellan.Cel;

/// <summary>A span of time of at most 315,576,000,000 seconds (10,000 years) either way.</summary>
/// <param name="Seconds">Whole seconds.</param>
/// <param name="Nanos">Nanoseconds, with the sign of the span: -999,999,999 to 999,999,999.</param>
public readonly record struct CelDuration(long Seconds, int Nanos) : IComparable<CelDuration>
{
    internal const long MaxSeconds = 315_576_000_000;

    internal bool IsValid => Seconds is >= -MaxSeconds and <= MaxSeconds;

    internal Int128 TotalNanoseconds => ((Int128)Seconds * 1_000_000_000) + Nanos;

    /// <summary>Makes a span from .NET's, which counts in 100 nanoseconds.</summary>
    public static CelDuration From(TimeSpan value)
    {
        var (seconds, ticks) = Math.DivRem(value.Ticks, TimeSpan.TicksPerSecond);
        return new(seconds, (int)ticks * 100);
    }

    /// <summary>The span in .NET's terms; less than 100 nanoseconds are cut off.</summary>
    /// <exception cref="OverflowException">The span is longer than a <see cref="TimeSpan"/> holds.</exception>
    public TimeSpan ToTimeSpan() => new(checked((Seconds * TimeSpan.TicksPerSecond) + (Nanos / 100)));

    /// <inheritdoc/>
    public int CompareTo(CelDuration other) => Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanos.CompareTo(other.Nanos);

    internal static CelDuration FromNanoseconds(Int128 nanos) => new((long)(nanos / 1_000_000_000), (int)(nanos % 1_000_000_000));

    internal CelDuration? Add(CelDuration other) => Valid(TotalNanoseconds + other.TotalNanoseconds);

    internal CelDuration? Subtract(CelDuration other) => Valid(TotalNanoseconds - other.TotalNanoseconds);

    internal CelDuration? Negate() => Valid(-TotalNanoseconds);

    private static CelDuration? Valid(Int128 nanos)
    {
        var span = FromNanoseconds(nanos);
        return span.IsValid ? span : null;
    }
}
