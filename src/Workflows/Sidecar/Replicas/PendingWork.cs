using Castellan.Storage;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>What an instance that is taken over waits for.</summary>
/// <param name="Activities">Scheduled, without a durable result.</param>
/// <param name="Timers">Not fired.</param>
internal sealed record PendingWork(List<(string ExecutionId, ActivityRequest Request)> Activities, List<DueTimer> Timers)
{
    public static PendingWork Read(HubStore rows, IReadView view, long key) => new(
        rows.Activities(view, ReplicaStatements.ActivitiesOf, key),
        view.Query(ReplicaStatements.TimersOf, row => new DueTimer(row.GetTime(3), row.GetString(0), row.GetString(1), row.GetInt32(2)), key));
}
