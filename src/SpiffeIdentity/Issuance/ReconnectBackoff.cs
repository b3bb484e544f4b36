namespace Castellan.SpiffeIdentity;

/// <summary>How long to wait before connecting again: 1 s more each time, at most 30 s; an answer resets it.</summary>
internal sealed class ReconnectBackoff
{
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private TimeSpan _wait;

    public TimeSpan Next() => _wait = _wait + s_step < s_longest ? _wait + s_step : s_longest;

    public void Reset() => _wait = TimeSpan.Zero;
}
