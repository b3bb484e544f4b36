using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>Follows the events of a run: what is stored first, then each new one as it becomes durable.</summary>
internal sealed class RunFeed(Store store, TimeProvider clock)
{
    // A watcher is woken by a signal after each commit; the interval only bounds the harm of a signal that got lost.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>Says that events of a run were committed.</summary>
    internal void Signal(string runId)
    {
        if (_waiting.TryRemove(runId, out var waiter))
        {
            waiter.TrySetResult();
        }
    }

    internal async IAsyncEnumerable<RunEvent> FollowAsync(string runId, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var signal = _waiting.GetOrAdd(runId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            var position = after;
            foreach (var item in await store.ReadAsync(view => RunEventTable.After(view, runId, position), ct))
            {
                after = item.Sequence;
                yield return item;
                if (item.Type == RunEventType.RunCompleted)
                {
                    yield break;
                }
            }

            if (after == position)
            {
                await Task.WhenAny(signal, Task.Delay(Recheck, clock, ct));
                ct.ThrowIfCancellationRequested();
            }
        }
    }
}
