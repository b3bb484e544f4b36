namespace Castellan.Testing;

/// <summary>A clock that stands still until a test moves it; timers fire when it does.</summary>
/// <remarks>It starts at the real time, to the second, so that certificates made by it are valid for TLS.</remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now;

    public ManualTimeProvider(DateTimeOffset? start = null)
    {
        var real = System.GetUtcNow();
        now = start ?? new DateTimeOffset(real.Year, real.Month, real.Day, real.Hour, real.Minute, real.Second, TimeSpan.Zero);
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Moves the clock and fires, in order, every timer that falls due.</summary>
    public void Advance(TimeSpan span)
    {
        var end = GetUtcNow() + span;
        while (true)
        {
            ManualTimer? due;
            lock (gate)
            {
                due = timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                if (due is null)
                {
                    now = end;
                    return;
                }
                if (due.Due > now) now = due.Due;
                due.Reschedule(now);
            }
            due.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var fire = false;
            lock (clock.gate)
            {
                this.period = period;
                clock.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                if (dueTime == TimeSpan.Zero) fire = true;
                Due = clock.now + (fire ? period : dueTime);
                if (!fire || period > TimeSpan.Zero) clock.timers.Add(this);
            }
            if (fire) ThreadPool.QueueUserWorkItem(_ => Fire());
            return true;
        }

        public void Reschedule(DateTimeOffset now)
        {
            if (period > TimeSpan.Zero) Due = now + period;
            else clock.timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
