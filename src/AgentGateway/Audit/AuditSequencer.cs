using Castellan.Audit.Transparency;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Audit;

/// <summary>Takes new records into the log's tree and signs a checkpoint over them, once a second at most.</summary>
internal sealed partial class AuditSequencer(TransparencyLog log, TimeProvider clock, ILogger<AuditSequencer> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    internal async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
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
