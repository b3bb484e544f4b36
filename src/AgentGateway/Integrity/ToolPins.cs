using Castellan.AgentApi.V1Alpha1;
using Castellan.Audit;
using Castellan.KubeApi;
using Castellan.Policy;
using Castellan.Storage;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Integrity;

/// <summary>The pinned definitions of tools, in the store that replicas share: what a server lists is measured by them, and what differs is put on record.</summary>
internal sealed class ToolPins(Store store, AuditLog audit, TimeProvider clock, ILogger<ToolPins> log)
{
    private const string LockName = "tool_pin";
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(50);

    internal DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Fires after pins or deviations of a server changed.</summary>
    internal event Action<NamespacedName>? Changed;

    /// <summary>Judges a listing. Pins, deviations and their audit records are durable when it returns; without news it only reads.</summary>
    internal async Task<IReadOnlyList<ToolVerdict>> SettleAsync(ToolServer server, IReadOnlyList<ListedTool> listed, CancellationToken ct)
    {
        var stored = await store.ReadAsync(view => ToolPinTable.Read(view, server.Key), ct);
        var verdicts = ToolJudgement.Of(server, stored, listed);
        if (PinChanges.Between(stored, verdicts).IsEmpty)
        {
            return verdicts;
        }

        var (settled, changes) = await HoldAsync(server.Key, (unit, held) => Settle(unit, server, held, listed), ct);
        foreach (var deviation in changes.Deviations)
        {
            IntegrityLog.Deviated(log, server.Key, InvisibleText.Show(deviation.Tool), deviation.State, InvisibleText.Show(deviation.Reason));
        }

        Changed?.Invoke(server.Key);
        return settled;
    }

    /// <summary>Names, digests and ages of all tools of a namespace, as far as they are stored.</summary>
    internal Task<List<(NamespacedName Server, string Tool, string Digest, DateTimeOffset Since)>> NamesAsync(string ns, CancellationToken ct) => store.ReadAsync(view =>
    {
        var (pins, deviations) = ToolPinTable.List(view, ns, withDefinitions: false);
        return pins.Select(pin => (pin.Server, pin.Tool, pin.Digest, pin.PinnedAt))
            .Concat(deviations.Where(d => d.State is ToolState.New or ToolState.Concealed or ToolState.Unreadable).Select(d => (d.Server, d.Tool, d.Digest, d.DetectedAt)))
            .DistinctBy(tool => (tool.Server, tool.Tool)).ToList();
    }, ct);

    /// <summary>Says that somebody changed the pins of a server.</summary>
    internal void Tell(NamespacedName server) => Changed?.Invoke(server);

    /// <summary>
    /// Works on the pins of a server while no other replica does: what is first sight to one is not first sight to the next. A replica that comes
    /// second tries again instead of waiting in its unit, where locks of the calls that travel with it could be waited for in turn.
    /// </summary>
    internal async Task<T> HoldAsync<T>(NamespacedName server, Func<IUnitOfWork, StoredTools, T> work, CancellationToken ct)
    {
        while (true)
        {
            var (held, result) = await store.WriteAsync(unit => store.Shared?.TryLock(unit, LockName) is false
                ? (false, default(T)!)
                : (true, work(unit, ToolPinTable.Enter(unit, server, clock.GetUtcNow()))), ct);
            if (held)
            {
                return result;
            }

            await Task.Delay(TryAgain, clock, ct);
        }
    }

    private (IReadOnlyList<ToolVerdict> Verdicts, PinChanges Changes) Settle(IUnitOfWork unit, ToolServer server, StoredTools stored, IReadOnlyList<ListedTool> listed)
    {
        var now = clock.GetUtcNow();
        var verdicts = ToolJudgement.Of(server, stored, listed);
        var changes = PinChanges.Between(stored, verdicts);
        var atFirstSight = changes.Pins.Where(verdict => !stored.Pins.ContainsKey(verdict.Tool)).ToList();
        if (atFirstSight.Count > 0)
        {
            audit.Append(unit, ToolRecords.FirstSight(server.Key, atFirstSight));
        }

        foreach (var verdict in changes.Pins)
        {
            var listing = verdict.Listed!;
            ToolPinTable.Put(unit, new ToolPin(server.Key, verdict.Tool, listing.Tool.Digest, now, verdict.PinBy!) { Definition = listing.Definition });
            if (stored.Pins.TryGetValue(verdict.Tool, out var before))
            {
                audit.Append(unit, ToolRecords.Pinned(server.Key, verdict, before.Digest));
            }
        }

        foreach (var verdict in changes.Deviations)
        {
            ToolPinTable.Put(unit, PinChanges.DeviationOf(server.Key, verdict, now));
            audit.Append(unit, ToolRecords.Deviated(server.Key, verdict));
        }

        foreach (var ended in changes.Ended)
        {
            ToolPinTable.RemoveDeviation(unit, server.Key, ended.Tool);
            audit.Append(unit, ToolRecords.Ended(ended));
        }

        return (verdicts, changes);
    }
}
