using Castellan.Audit;
using Castellan.Storage;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Audit.Delivery;

/// <summary>
/// Takes the log's records to the sinks, behind the calls and never in their way. Each sink has a durable position that moves when records have
/// arrived: a restart goes on there, and what was under way comes again. Of several gateways one works for a sink at a time.
/// </summary>
internal sealed partial class AuditDelivery(Store store, AuditLog log, IEnumerable<IAuditSink> sinks, TimeProvider clock, ILogger<AuditDelivery> logger)
{
    private const int BatchSize = 200;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1), Lease = TimeSpan.FromSeconds(30);

    // Where one process has the store for itself, what a former one held is free.
    private readonly string _holder = store.Shared is null ? "this" : Guid.NewGuid().ToString("N");

    /// <summary>Notes sinks that are new: from here on they miss nothing.</summary>
    internal async Task StartAsync(CancellationToken ct)
    {
        var head = (await log.HeadAsync(ct)).Sequence;
        await store.WriteAsync(unit =>
        {
            foreach (var sink in sinks)
            {
                DeliveryTable.Register(unit, sink.Name, sink.TakesHistory ? 0 : head);
            }
        }, ct);
    }

    /// <summary>Delivers until it is stopped.</summary>
    internal Task RunAsync(CancellationToken ct) => Task.WhenAll(sinks.Select(sink => RunAsync(sink, ct)));

    private async Task RunAsync(IAuditSink sink, CancellationToken ct)
    {
        var (state, failures) = (new Position(), 0);
        while (!ct.IsCancellationRequested)
        {
            var pause = Period;
            try
            {
                pause = await RoundAsync(sink, state, ct) ? TimeSpan.Zero : Period;
                failures = 0;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error)
            {
                state.IsHeld = false;
                pause = (error as DeliveryFailedException)?.RetryAfter ?? TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures)));
                failures = Math.Min(failures + 1, 10);
                Failed(logger, sink.Name, state.After, pause, error);
            }

            await Task.Delay(pause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ReleaseAsync(sink, state);
    }

    /// <returns>Whether more is waiting.</returns>
    private async Task<bool> RoundAsync(IAuditSink sink, Position state, CancellationToken ct)
    {
        if (!await HoldAsync(sink, state, ct))
        {
            return false;
        }

        var page = await log.ListAsync(sink.Filter with { After = state.After, Limit = BatchSize }, ct);
        if (page.Records.Count > 0)
        {
            await sink.DeliverAsync(page.Records, ct);
            state.IsHeld = await store.WriteAsync(unit => DeliveryTable.Advance(unit, sink.Name, _holder, page.Next), ct);
        }

        state.After = page.Next; // beyond what does not concern the sink, too; that is found out again after a restart
        return page.Records.Count == BatchSize;
    }

    private async Task<bool> HoldAsync(IAuditSink sink, Position state, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (state.IsHeld && (store.Shared is null || now < state.RenewAt))
        {
            return true;
        }

        var position = await store.WriteAsync(unit => DeliveryTable.Hold(unit, sink.Name, _holder, now, now + Lease), ct);
        state.After = position is not { } stored ? state.After : state.IsHeld ? Math.Max(state.After, stored) : stored;
        (state.IsHeld, state.RenewAt) = (position is not null, now + (Lease / 2));
        return state.IsHeld;
    }

    private async Task ReleaseAsync(IAuditSink sink, Position state)
    {
        if (state.IsHeld && store.Shared is not null)
        {
            try
            {
                await store.WriteAsync(unit => DeliveryTable.Release(unit, sink.Name, _holder), CancellationToken.None);
            }
            catch (StoreException error)
            {
                Failed(logger, sink.Name, state.After, Lease, error); // the lease ends by itself
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Audit records after {Position} have not reached {Sink}; trying again in {Pause}")]
    private static partial void Failed(ILogger log, string sink, long position, TimeSpan pause, Exception error);

    /// <summary>Where the work for a sink stands in this process.</summary>
    private sealed class Position
    {
        internal long After { get; set; }

        internal bool IsHeld { get; set; }

        internal DateTimeOffset RenewAt { get; set; }
    }
}
