namespace Castellan.Workflows;

/// <summary>How an activity is called.</summary>
/// <param name="RetryPolicy">When and how often a failure is tried again; <see langword="null"/>: never.</param>
/// <param name="TargetAppId">The Dapr app whose worker runs it; <see langword="null"/>: one's own. The embedded sidecar keeps hubs apart and refuses others.</param>
public record WorkflowTaskOptions(WorkflowRetryPolicy? RetryPolicy = null, string? TargetAppId = null);

/// <summary>How a child orchestration is called.</summary>
/// <param name="InstanceId">Its id; <see langword="null"/> derives one from the parent's.</param>
/// <param name="RetryPolicy">When and how often a failure is tried again; <see langword="null"/>: never.</param>
/// <param name="TargetAppId">The Dapr app whose worker runs it; <see langword="null"/>: one's own. The embedded sidecar keeps hubs apart and refuses others.</param>
public record ChildWorkflowTaskOptions(string? InstanceId = null, WorkflowRetryPolicy? RetryPolicy = null, string? TargetAppId = null)
    : WorkflowTaskOptions(RetryPolicy, TargetAppId);

/// <summary>Retries with exponential backoff. The waits are durable timers.</summary>
public class WorkflowRetryPolicy
{
    /// <summary>Creates the policy.</summary>
    /// <param name="maxNumberOfAttempts">All attempts, the first included: 1 or more.</param>
    /// <param name="firstRetryInterval">Wait before the second attempt; more than zero.</param>
    /// <param name="backoffCoefficient">Factor between one wait and the next: 1 or more.</param>
    /// <param name="maxRetryInterval">Longest wait; <see langword="null"/>: no limit.</param>
    /// <param name="retryTimeout">No attempt starts later than this after the first; <see langword="null"/>: no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public WorkflowRetryPolicy(int maxNumberOfAttempts, TimeSpan firstRetryInterval, double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null, TimeSpan? retryTimeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNumberOfAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(firstRetryInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(backoffCoefficient, 1.0);
        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval;
        RetryTimeout = retryTimeout ?? Timeout.InfiniteTimeSpan;
    }

    /// <summary>All attempts, the first included.</summary>
    public int MaxNumberOfAttempts { get; }

    /// <summary>Wait before the second attempt.</summary>
    public TimeSpan FirstRetryInterval { get; }

    /// <summary>Factor between one wait and the next.</summary>
    public double BackoffCoefficient { get; }

    /// <summary>Longest wait.</summary>
    public TimeSpan? MaxRetryInterval { get; }

    /// <summary>Span after the first attempt in which others may start; infinite by default.</summary>
    public TimeSpan RetryTimeout { get; }

    /// <summary>The wait after an attempt that failed.</summary>
    /// <param name="attempt">Its number, from 1.</param>
    internal TimeSpan DelayAfter(int attempt)
    {
        var ticks = Math.Min(FirstRetryInterval.Ticks * Math.Pow(BackoffCoefficient, attempt - 1), TimeSpan.FromDays(365).Ticks);
        var delay = TimeSpan.FromTicks((long)ticks);
        return MaxRetryInterval is { } limit && delay > limit ? limit : delay;
    }
}
