using System.Collections.Concurrent;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Worker;

/// <summary>Runs turns. Executions that have not ended are kept, so that a long history is not replayed at every step.</summary>
internal sealed class TurnRunner(Func<string, IWorkflow?> create, WorkflowJson json, ILoggerFactory loggers, int maxKept)
{
    private readonly ConcurrentDictionary<string, OrchestrationExecution> _kept = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    public WorkflowResponse Run(Turn turn)
    {
        var execution = _kept.TryRemove(turn.InstanceId, out var kept) && kept.Continues(turn)
            ? kept
            : new OrchestrationExecution(create, json, loggers);
        var response = execution.Run(turn);
        if (!execution.Ended && maxKept > 0)
        {
            Keep(turn.InstanceId, execution);
        }

        return response;
    }

    /// <summary>Forgets all executions; the next turns replay.</summary>
    public void Clear()
    {
        _kept.Clear();
        _order.Clear();
    }

    private void Keep(string instanceId, OrchestrationExecution execution)
    {
        _kept[instanceId] = execution;
        _order.Enqueue(instanceId);
        // An id may stand in the queue more than once; then an execution leaves early, which costs a replay and nothing else.
        while (_order.Count > maxKept && _order.TryDequeue(out var oldest))
        {
            if (oldest != instanceId)
            {
                _kept.TryRemove(oldest, out _);
            }
        }
    }
}
