namespace Castellan.AgentGateway.Access;

/// <summary>So many refusals of one kind a minute; those beyond are counted. Safe to use from many threads.</summary>
internal sealed class KnockLimit(TimeProvider clock)
{
    internal const int MostAMinute = 30;
    private const int MostKinds = 1000;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Window> _windows = new(StringComparer.Ordinal);
    private int _forgotten;

    /// <summary>Null: too many. Otherwise how many were not written since the last that was.</summary>
    internal int? Admit(string kind, int times)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            if (!_windows.TryGetValue(kind, out var window))
            {
                MakeRoom(now);
                _windows[kind] = window = new Window(now);
            }

            if (clock.GetElapsedTime(window.Since, now) >= s_window)
            {
                (window.Since, window.Written) = (now, 0);
            }

            if (window.Written == MostAMinute)
            {
                window.Unwritten += times;
                return null;
            }

            window.Written++;
            var unwritten = window.Unwritten + _forgotten;
            (window.Unwritten, _forgotten) = (0, 0);
            return unwritten;
        }
    }

    // Kinds that were quiet for a minute go first; if there are none, all go: better a few records too many than memory without end.
    private void MakeRoom(long now)
    {
        if (_windows.Count < MostKinds)
        {
            return;
        }

        var quiet = _windows.Where(w => clock.GetElapsedTime(w.Value.Since, now) >= s_window).ToList();
        foreach (var (kind, window) in quiet.Count > 0 ? quiet : [.. _windows])
        {
            _forgotten += window.Unwritten;
            _windows.Remove(kind);
        }
    }

    private sealed class Window(long since)
    {
        public long Since { get; set; } = since;

        public int Written { get; set; }

        public int Unwritten { get; set; }
    }
}
