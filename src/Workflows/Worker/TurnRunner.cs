using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Worker;

/// <summary>Runs turns. Executions that have not ended are kept, so that a long history is not replayed at every step.</summary>
internal sealed class TurnRunner(Func<string, IWorkflow?> create, WorkflowJson json, ILoggerFactory loggers, int maxKept)
{
    private readonly KeptExecutions _kept = new(maxKept);

    public async ValueTask<WorkflowResponse> RunAsync(Turn turn, CancellationToken ct)
    {
        var execution = _kept.Take(turn.InstanceId) is { } kept && kept.Continues(turn) ? kept : new OrchestrationExecution(create, json, loggers);
        if (!execution.IsRunning && turn is { FetchPast: { } fetch } && (turn.Omitted > 0 || turn.Past.Count == 0))
        {
            var past = await fetch(ct).ConfigureAwait(false);
            turn = turn with { Past = past, Omitted = 0 };
        }

        using var span = WorkflowTrace.StartTurn(turn, execution);
        var began = WorkflowMetrics.Begin(WorkflowMetrics.Turns);
        var response = execution.Run(turn);
        WorkflowMetrics.EndTurn(began, execution.Started?.Name);
        if (!execution.Ended && maxKept > 0)
        {
            _kept.Keep(turn.InstanceId, execution);
        }

        return response;
    }

    /// <summary>Forgets all executions; the next turns replay.</summary>
    public void Clear() => _kept.Clear();
}
