using Castellan.Audit;
using Castellan.Audit.Transparency;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Audit;

/// <summary>
/// Numbers the records that wait, takes new ones into the log's tree and signs a checkpoint over them, once a second at most. Of several gateways on
/// one database the one that comes first in a second does so.
/// </summary>
internal sealed partial class AuditSequencer(AuditLog records, TransparencyLog log, TimeProvider clock, ILogger<AuditSequencer> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    internal async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await records.TrySettleAsync(ct);
                await log.AdvanceAsync(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Failed(logger, error);
            }

            await Task.Delay(Period, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit log has no new checkpoint; trying again")]
    private static partial void Failed(ILogger log, Exception error);
}
