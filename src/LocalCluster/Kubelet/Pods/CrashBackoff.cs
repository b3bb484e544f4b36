namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>How long a container that keeps ending waits: the first restart at once, then the first wait, doubling up to the longest.</summary>
/// <remarks>Source: client-go flowcontrol.Backoff as the kubelet uses it (doBackOff): a run longer than twice the longest wait starts over.</remarks>
internal sealed class CrashBackoff(TimeSpan first, TimeSpan longest)
{
    private DateTimeOffset _lastStart;

    /// <summary>The wait that applies to the next restart; zero before the first.</summary>
    public TimeSpan Current { get; private set; }

    /// <summary>What is left of the wait after an end; zero or less means: start.</summary>
    public TimeSpan Remaining(DateTimeOffset finishedAt, DateTimeOffset now)
    {
        if (Current == TimeSpan.Zero || finishedAt - _lastStart > 2 * longest) return TimeSpan.Zero;
        return Current - (now - finishedAt);
    }

    /// <summary>Notes a start after an end.</summary>
    public void Started(DateTimeOffset finishedAt, DateTimeOffset now)
    {
        var over = Current == TimeSpan.Zero || finishedAt - _lastStart > 2 * longest;
        Current = over ? first : TimeSpan.FromTicks(Math.Min(Current.Ticks * 2, longest.Ticks));
        _lastStart = now;
    }
}
