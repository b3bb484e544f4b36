namespace Castellan.KubeClient.WorkQueue;

/// <summary>A wait that doubles with each failure.</summary>
/// <param name="First">Wait after the first failure.</param>
/// <param name="Longest">Bound of the wait.</param>
/// <param name="Jitter">Share of the wait that is added at random, so that many do not come back at once: 0 to 1.</param>
public sealed record Backoff(TimeSpan First, TimeSpan Longest, double Jitter = 0)
{
    /// <summary>The wait after so many earlier failures.</summary>
    public TimeSpan After(int failures)
    {
        var wait = Math.Min(First.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 40)), Longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(wait * (1 + (Jitter * Random.Shared.NextDouble())));
    }
}
