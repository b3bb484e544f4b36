using System.Collections.Concurrent;

namespace Castellan.AgentGateway.Runs;

/// <summary>Wakes those who wait for news about a key. Who waits listens before looking, so that what comes between is not missed.</summary>
internal sealed class Doorbell(TimeProvider clock)
{
    // The bell rings after each commit of this process; the interval bounds the harm of one that got lost, and shows what other replicas commit.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(2);

    /// <summary>For those of whom there are many: each look is a read of the store.</summary>
    internal static TimeSpan Seldom { get; } = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    internal void Ring(string key)
    {
        if (_waiting.TryRemove(key, out var waiter))
        {
            waiter.TrySetResult();
        }
    }

    internal Task Listen(string key) => _waiting.GetOrAdd(key, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Waits for the ring, or until it is time to look anyway.</summary>
    internal async Task WaitAsync(Task ring, CancellationToken ct, TimeSpan? recheck = null)
    {
        using var looked = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(ring, Task.Delay(recheck ?? Recheck, clock, looked.Token));
        await looked.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }
}
