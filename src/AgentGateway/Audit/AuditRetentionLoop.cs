using Castellan.Audit;
using Castellan.Audit.Transparency;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Audit;

/// <summary>Prunes the log once an hour by the policy that the operator has set; without one it does nothing.</summary>
internal sealed partial class AuditRetentionLoop(AuditSettings settings, LogRetention retention, TimeProvider clock, ILogger<AuditRetentionLoop> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    internal async Task RunAsync(CancellationToken ct)
    {
        while (settings.RetentionDays > 0 && !ct.IsCancellationRequested)
        {
            try
            {
                var pruned = await retention.PruneAsync(clock.GetUtcNow().AddDays(-settings.RetentionDays), new AuditWho { Principal = "gateway" }, $"policy: {settings.RetentionDays} days are kept", ct);
                if (pruned.Records > 0)
                {
                    Pruned(logger, pruned.Records, pruned.Through);
                }
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

    [LoggerMessage(Level = LogLevel.Information, Message = "The texts of {Records} audit records were pruned, up to record {Through}")]
    private static partial void Pruned(ILogger log, long records, long through);

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit log cannot be pruned; trying again in an hour")]
    private static partial void Failed(ILogger log, Exception error);
}
