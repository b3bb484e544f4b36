using Castellan.AgentGateway.Storage;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>The events of runs as rows, numbered within the run.</summary>
internal static class RunEventTable
{
    /// <summary>Appends an event. The unit holds <see cref="Calls.LedgerLock"/>, unless nobody else can know the run yet.</summary>
    internal static void Append(IUnitOfWork unit, string runId, RunEvent item, DateTimeOffset time)
    {
        var last = unit.First("select sequence from gateway_run_event where run_id = $1 order by sequence desc limit 1", row => row.GetInt64(0), runId);
        var numbered = item with { Sequence = last + 1, Time = time };
        unit.Post("insert into gateway_run_event(run_id, sequence, body) values($1, $2, $3)", runId, numbered.Sequence, Json.Write(numbered));
    }

    internal static List<RunEvent> After(IReadView view, string runId, long sequence) => view.Query(
        "select body from gateway_run_event where run_id = $1 and sequence > $2 order by sequence limit 500",
        row => Json.Read<RunEvent>(row.GetString(0)), runId, sequence);
}
