using System.Runtime.CompilerServices;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>Follows the events of a run: what is stored first, then each new one as it becomes durable.</summary>
internal sealed class RunFeed(Store store, TimeProvider clock)
{
    private readonly Doorbell _bell = new(clock);

    /// <summary>Says that events of a run were committed.</summary>
    internal void Signal(string runId) => _bell.Ring(runId);

    internal async IAsyncEnumerable<RunEvent> FollowAsync(string runId, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var ring = _bell.Listen(runId);
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
                await _bell.WaitAsync(ring, ct);
            }
        }
    }

    /// <summary>Waits until a run has ended, whoever recorded it.</summary>
    internal async Task EndedAsync(string runId, CancellationToken ct)
    {
        while (true)
        {
            var ring = _bell.Listen(runId);
            if (!await store.ReadAsync(view => RunTable.IsOpen(view, runId), ct))
            {
                return;
            }

            await _bell.WaitAsync(ring, ct, Doorbell.Seldom);
        }
    }
}
