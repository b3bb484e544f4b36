using Castellan.Storage;
using Castellan.Storage.Claims;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Sidecar;

/// <summary>Removes in the background what ended long enough ago, a little at a time, so that the writer is never kept from its work.</summary>
internal sealed partial class SidecarRetention(EmbeddedSidecar sidecar, Store store, CancellationToken stopping)
{
    private const int ClaimsAtOnce = 500;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ILogger _log = sidecar.Options.Loggers.CreateLogger("Castellan.Workflows.Sidecar");

    private DateTimeOffset Now => sidecar.Options.Clock.GetUtcNow();

    public async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await RemoveInstancesAsync().ConfigureAwait(false);
                await RemoveClaimsAsync().ConfigureAwait(false);
            }
            catch (StoreException error)
            {
                Delayed(error.Message);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Period, sidecar.Options.Clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RemoveInstancesAsync()
    {
        if (sidecar.Options.Retention is not { } retention)
        {
            return;
        }

        foreach (var hub in await sidecar.HubNamesAsync(stopping).ConfigureAwait(false))
        {
            await sidecar.Hub(hub).RetireAsync(Now - retention, stopping).ConfigureAwait(false);
        }
    }

    private async Task RemoveClaimsAsync()
    {
        if (sidecar.Options.ClaimRetention is not { } retention)
        {
            return;
        }

        var before = Now - retention;
        var all = 0;
        for (int removed; (removed = await store.WriteAsync(unit => EffectClaims.RemoveEnded(unit, before, ClaimsAtOnce), stopping).ConfigureAwait(false)) > 0;)
        {
            all += removed;
        }

        if (all > 0)
        {
            ClaimsRemoved(all, before);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "removed {Count} claims that ended before {Before}")]
    private partial void ClaimsRemoved(int count, DateTimeOffset before);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what ended long ago is kept for now: {Reason}")]
    private partial void Delayed(string reason);
}
