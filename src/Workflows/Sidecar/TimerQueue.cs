namespace Castellan.Workflows.Sidecar;

/// <summary>The hub's timers by due time, with one timer of the clock set to the earliest.</summary>
internal sealed class TimerQueue : IAsyncDisposable
{
    // Clock timers run on a clock that nobody sets; looking at the time of day this often follows one that was.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<DueTimer, DateTimeOffset> _queue = new();
    private readonly TimeProvider _clock;
    private readonly Action<DueTimer> _fire;
    private readonly ITimer _timer;
    private DateTimeOffset _armedFor = DateTimeOffset.MaxValue;

    public TimerQueue(TimeProvider clock, Action<DueTimer> fire)
    {
        _clock = clock;
        _fire = fire;
        _timer = clock.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(DueTimer due)
    {
        lock (_lock)
        {
            _queue.Enqueue(due, due.FireAt);
            if (due.FireAt < _armedFor)
            {
                Arm(due.FireAt);
            }
        }
    }

    private void Expire()
    {
        var due = new List<DueTimer>();
        lock (_lock)
        {
            var now = _clock.GetUtcNow();
            while (_queue.TryPeek(out _, out var fireAt) && fireAt <= now)
            {
                due.Add(_queue.Dequeue());
            }

            Arm(_queue.TryPeek(out _, out var next) ? next : DateTimeOffset.MaxValue);
        }

        foreach (var one in due)
        {
            _fire(one);
        }
    }

    private void Arm(DateTimeOffset at)
    {
        _armedFor = at;
        if (at == DateTimeOffset.MaxValue)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var wait = at - _clock.GetUtcNow();
        if (wait > LongestWait)
        {
            wait = LongestWait;
            _armedFor = _clock.GetUtcNow() + LongestWait;
        }

        // Rounded up: a timer that comes a fraction early would find nothing due.
        _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();
}
