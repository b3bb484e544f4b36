using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>Statuses that no turn sets: stalled, and what others asked for by mail.</summary>
internal sealed class StatusChanges(HubCore core)
{
    /// <summary>Sets the status. Under the instance's gate.</summary>
    public async Task SetAsync(Instance instance, InstanceRow changed)
    {
        await core.WriteAsync(instance, unit =>
        {
            core.Rows.Update(unit, changed);
            core.Ownership.Changed(unit, instance.Id);
            return changed;
        }, CancellationToken.None).ConfigureAwait(false);
        instance.Row = changed;
        core.Board.Publish(instance.Id, changed);
    }

    /// <summary>Sets an instance aside: nothing of its turn is kept, and its events stay in the inbox for a worker that can take them.</summary>
    public async Task StallAsync(Instance instance, TaskFailureDetails reason)
    {
        core.Log.Stalled(instance.Id, reason.ErrorMessage);
        await HeldEvents.StoreAsync(core, instance).ConfigureAwait(false);
        if (instance.Row is { Key: > 0 } row)
        {
            await SetAsync(instance, row with { Status = OrchestrationStatus.Stalled, Failure = reason, Updated = core.Now }).ConfigureAwait(false);
        }
    }

    /// <summary>A worker attached: it may be the one that stalled instances wait for.</summary>
    public async Task ResumeStalledAsync(CancellationToken ct)
    {
        var ids = await core.Rows.ReadAsync(view => view.Query("select id from workflow_instance where hub = $1 and status = $2",
            row => row.GetString(0), core.Name, (int)OrchestrationStatus.Stalled), ct).ConfigureAwait(false);
        foreach (var id in ids)
        {
            using var lease = await core.Instances.AcquireAsync(id, ct).ConfigureAwait(false);
            if (lease.Instance.Row is { Status: OrchestrationStatus.Stalled, IsForeign: false } row)
            {
                var status = row.Started is null ? OrchestrationStatus.Pending : OrchestrationStatus.Running;
                await SetAsync(lease.Instance, row with { Status = status, Failure = null, Updated = core.Now }).ConfigureAwait(false);
                core.MarkReady(lease.Instance);
            }
        }
    }

    /// <summary>Whoever suspends or resumes here sets the status at once; another replica can only put the event into the inbox.</summary>
    public OrchestrationStatus? Mailed(Instance instance) =>
        !core.Ownership.IsShared || instance.Inbox.FindLast(entry => entry.Event.ExecutionSuspended is not null || entry.Event.ExecutionResumed is not null) is not { } last ? null
        : last.Event.ExecutionSuspended is not null ? OrchestrationStatus.Suspended
        : instance.Row is { Status: OrchestrationStatus.Suspended, Started: var started } ? (started is null ? OrchestrationStatus.Pending : OrchestrationStatus.Running)
        : null;
}
