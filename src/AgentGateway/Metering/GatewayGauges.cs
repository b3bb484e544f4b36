using System.Diagnostics.Metrics;
using Castellan.Audit;
using Castellan.Storage;
using Castellan.Telemetry.Metrics;
using Castellan.Workflows;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Metering;

/// <summary>
/// States that stand in the store. They are read in the background, at most every ten seconds and only while somebody asks for them: whoever
/// scrapes waits for no database.
/// </summary>
internal sealed partial class GatewayGauges(Store store, EmbeddedSidecar sidecar, TimeProvider clock, ILogger<GatewayGauges> log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private volatile States? _states;
    private volatile bool _isAsked = true;

    /// <summary>Offers the states until told to stop.</summary>
    internal async Task RunAsync(CancellationToken ct)
    {
        using var approvals = CastellanMeter.Gauge(MetricTable.ApprovalsWaiting, () => Say(s => s.Approvals));
        using var runs = CastellanMeter.Gauge(MetricTable.RunsOpen, () => Say(s => s.Runs));
        using var records = CastellanMeter.Gauge(MetricTable.AuditRecords, () => Say(s => s.Records));
        using var uncovered = CastellanMeter.Gauge(MetricTable.AuditUncovered, () => Say(s => Math.Max(s.Records - s.Covered, 0)));
        using var signed = CastellanMeter.Gauge(MetricTable.AuditCheckpoint, () => Say(s => s.Signed is { } time ? time.ToUnixTimeSeconds() : null));
        using var queue = CastellanMeter.Gauge(MetricTable.WorkflowQueue, () => [new(sidecar.OutstandingActivities)]);
        while (!ct.IsCancellationRequested)
        {
            if (_isAsked)
            {
                _isAsked = false;
                await ReadAsync(ct);
            }

            await Task.Delay(Period, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        try
        {
            _states = await store.ReadAsync(Read, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception e)
        {
            _states = null;
            Failed(log, e);
        }
    }

    // Records that have no number yet are of the log too: they are durable, and no checkpoint covers them.
    private static States Read(IReadView view)
    {
        var checkpoint = view.First("select size, time from audit_checkpoint where id = 1", row => (Size: row.GetInt64(0), Time: (DateTimeOffset?)row.GetTime(1)));
        return new States(
            view.First("select count(*) from gateway_approval where state = 'Pending'", row => row.GetInt64(0)),
            view.First("select count(*) from gateway_run where state = 'Running'", row => row.GetInt64(0)),
            AuditLog.Head(view).Sequence + view.First("select count(*) from audit_pending", row => row.GetInt64(0)), checkpoint.Size, checkpoint.Time);
    }

    private IEnumerable<Measurement<double>> Say(Func<States, double?> state)
    {
        _isAsked = true;
        return _states is { } known && state(known) is { } value ? [new(value)] : [];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The states for metrics cannot be read; they are absent until they can")]
    private static partial void Failed(ILogger log, Exception e);

    private sealed record States(long Approvals, long Runs, long Records, long Covered, DateTimeOffset? Signed);
}
