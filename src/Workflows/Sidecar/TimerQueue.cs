namespace Castellan.Workflows.Sidecar;

/// <summary>
/// The hub's timers by due time, with one timer of the clock set to the earliest. Timers of executions that have ended do not fire; they are
/// swept out once they are as many as the others, so that a timer of a year costs nothing when its instance took a second.
/// </summary>
internal sealed class TimerQueue : IAsyncDisposable
{
    private const int LeastSweep = 64;

    // Clock timers run on a clock that nobody sets; looking at the time of day this often follows one that was.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<(DueTimer Due, Execution Of), DateTimeOffset> _queue = new();
    private readonly Dictionary<(string Instance, string Execution), Execution> _executions = [];
    private readonly TimeProvider _clock;
    private readonly Action<DueTimer> _fire;
    private readonly ITimer _timer;
    private DateTimeOffset _armedFor = DateTimeOffset.MaxValue;
    private int _dead;

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
            if (!_executions.TryGetValue((due.InstanceId, due.ExecutionId), out var execution))
            {
                _executions.Add((due.InstanceId, due.ExecutionId), execution = new());
            }

            execution.Timers++;
            _queue.Enqueue((due, execution), due.FireAt);
            if (due.FireAt < _armedFor)
            {
                Arm(due.FireAt);
            }
        }
    }

    /// <summary>How many timers are in memory, with those that will not fire.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>The execution has ended, or is another replica's: its timers do not fire here.</summary>
    public void Drop(string instanceId, string executionId)
    {
        lock (_lock)
        {
            if (!_executions.Remove((instanceId, executionId), out var execution))
            {
                return;
            }

            execution.IsDead = true;
            _dead += execution.Timers;
            if (_dead >= LeastSweep && _dead > _queue.Count / 2)
            {
                Sweep();
            }
        }
    }

    private void Sweep()
    {
        var living = _queue.UnorderedItems.Where(item => !item.Element.Of.IsDead).ToList();
        _queue.Clear();
        _queue.EnqueueRange(living);
        _queue.TrimExcess();
        _dead = 0;
    }

    private void Expire()
    {
        var due = new List<DueTimer>();
        lock (_lock)
        {
            var now = _clock.GetUtcNow();
            while (_queue.TryPeek(out _, out var fireAt) && fireAt <= now)
            {
                var (one, execution) = _queue.Dequeue();
                if (execution.IsDead)
                {
                    _dead--;
                    continue;
                }

                due.Add(one);
                if (--execution.Timers == 0)
                {
                    _executions.Remove((one.InstanceId, one.ExecutionId));
                }
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

    private sealed class Execution
    {
        public int Timers { get; set; }

        public bool IsDead { get; set; }
    }
}
