using System.Runtime.CompilerServices;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>Keeps what agents' sidecars shall do until they did it, and says it to whichever pod of the agent is connected.</summary>
internal sealed class RunCommandQueue(Store store, TimeProvider clock)
{
    private static readonly TimeSpan LongestWish = TimeSpan.FromDays(30);

    private readonly Doorbell _bell = new(clock);

    /// <summary>Says that a hub's runs or commands changed.</summary>
    internal void Ring(string hub) => _bell.Ring(hub);

    internal Task RaiseAsync(string hub, string runId, CallResult result, CancellationToken ct) => AddAsync(hub, RunCommands.Raise(runId, result), ct);

    internal Task TerminateAsync(string hub, string runId, CancellationToken ct) => AddAsync(hub, RunCommands.Terminate(runId), ct);

    internal Task RemoveAsync(string hub, string commandId, CancellationToken ct) => store.WriteAsync(unit => RunCommandTable.Remove(unit, hub, commandId), ct);

    /// <summary>
    /// All that a hub's pod shall do, then what comes. Each is said once to a connection and again to the next one, until it is done; null
    /// says that the gateway is still there.
    /// </summary>
    internal async IAsyncEnumerable<RunCommand?> FollowAsync(string hub, [EnumeratorCancellation] CancellationToken ct)
    {
        // What was said is remembered by identity and not by position: rows of several writers become visible in any order.
        var said = new HashSet<PendingCommand>();
        var lastWord = clock.GetTimestamp();
        yield return null;
        while (true)
        {
            var ring = _bell.Listen(hub);
            var pending = await store.ReadAsync(view => RunCommandTable.Pending(view, hub), ct);
            said.IntersectWith(pending);
            foreach (var one in pending)
            {
                if (said.Add(one) && await store.ReadAsync(view => RunCommandTable.Find(view, one), ct) is { } command)
                {
                    yield return command;
                    lastWord = clock.GetTimestamp();
                }
            }

            if (clock.GetElapsedTime(lastWord) >= GatewayClient.CommandHeartbeat)
            {
                yield return null;
                lastWord = clock.GetTimestamp();
            }

            await _bell.WaitAsync(ring, ct);
        }
    }

    private async Task AddAsync(string hub, RunCommand command, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await store.WriteAsync(
            unit =>
            {
                RunCommandTable.ForgetBefore(unit, hub, now - LongestWish);
                RunCommandTable.Add(unit, hub, command, now);
            }, ct);
        Ring(hub);
    }
}
