namespace Castellan.Workflows;

/// <summary>Waits that double from 50 ms to 15 s, each shortened by up to a half so that many workers do not come back at once.</summary>
internal static class Backoff
{
    public static TimeSpan After(int failures)
    {
        var ceiling = Math.Min(15_000, 50 * Math.Pow(2, Math.Min(failures, 20) - 1));
        return TimeSpan.FromMilliseconds(ceiling * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
