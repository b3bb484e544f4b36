using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>What is asked here of an instance that another replica works on.</summary>
internal static class ForeignInstance
{
    /// <summary>Puts an event into its inbox, and rings its bell; durable when this returns.</summary>
    public static Task MailAsync(HubCore core, InstanceRow row, HistoryEvent one, CancellationToken ct) =>
        core.Rows.WriteAsync(unit => core.Rows.Mail(unit, row.Key, one), ct);

    /// <summary>
    /// Waits until the other has done it. No longer than it takes to take over from a dead one: what was asked is durable, and will be done.
    /// </summary>
    public static async Task UntilAsync(HubCore core, string id, Func<InstanceRow, bool> isDone, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(core.Options.ReplicaLease * 2, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await core.Board.WaitAsync(id, () => core.Rows.FindAsync(id, either.Token), row => row is null || isDone(row), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            core.Log.OtherReplicaSlow(id);
        }
    }
}
