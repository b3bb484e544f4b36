using Castellan.Workflows.Replay;

namespace Castellan.Workflows.Worker;

/// <summary>Executions kept between their turns; the one whose last turn is longest ago leaves first.</summary>
internal sealed class KeptExecutions(int most)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Id, OrchestrationExecution Execution)>> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Id, OrchestrationExecution Execution)> _byAge = [];

    public OrchestrationExecution? Take(string instanceId)
    {
        lock (_lock)
        {
            if (!_nodes.Remove(instanceId, out var node))
            {
                return null;
            }

            _byAge.Remove(node);
            return node.Value.Execution;
        }
    }

    public void Keep(string instanceId, OrchestrationExecution execution)
    {
        lock (_lock)
        {
            if (_nodes.Remove(instanceId, out var former))
            {
                _byAge.Remove(former);
            }

            _nodes[instanceId] = _byAge.AddLast((instanceId, execution));
            if (_nodes.Count > most)
            {
                _nodes.Remove(_byAge.First!.Value.Id);
                _byAge.RemoveFirst();
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _nodes.Clear();
            _byAge.Clear();
        }
    }
}
