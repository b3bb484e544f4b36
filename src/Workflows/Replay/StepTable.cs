using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Replay;

/// <summary>The numbered steps of an execution: which are not in history yet, and which are waited for.</summary>
internal sealed class StepTable
{
    private readonly SortedDictionary<int, WorkflowAction> _unrecorded = [];
    private readonly Dictionary<int, TaskCompletionSource<string?>> _open = [];
    private readonly Dictionary<int, Action<TaskCompletionSource<string?>>> _early = [];
    private int _next;

    /// <summary>Steps that somebody waits for.</summary>
    public int OpenCount => _open.Count;

    /// <summary>The steps that the answer of this turn asks for, in the order of their numbers.</summary>
    public IEnumerable<WorkflowAction> Unrecorded => _unrecorded.Values;

    public int NextId() => _next++;

    /// <summary>Asks for a step and waits for its result.</summary>
    public Task<string?> Add(WorkflowAction action)
    {
        _unrecorded.Add(action.Id, action);
        // Continuations run inside SetResult, on the thread of the turn: that is the whole scheduler.
        var source = new TaskCompletionSource<string?>();
        if (_early.Remove(action.Id, out var resolve))
        {
            resolve(source);
        }
        else
        {
            _open.Add(action.Id, source);
        }

        return source.Task;
    }

    /// <summary>Asks for a step without result.</summary>
    public void AddUnawaited(WorkflowAction action) => _unrecorded.Add(action.Id, action);

    /// <summary>Waits no longer for a step; its result will be ignored.</summary>
    public void Forget(int id) => _open.Remove(id);

    /// <summary>Resolves a step; a result that comes before its step is kept for it, a second one is ignored.</summary>
    public void Resolve(int id, Action<TaskCompletionSource<string?>> resolve)
    {
        if (_open.Remove(id, out var source))
        {
            resolve(source);
        }
        else if (id >= _next)
        {
            _early[id] = resolve;
        }
    }

    /// <summary>History says that a step was taken: the code must have asked for the same one.</summary>
    /// <exception cref="NonDeterministicOrchestrationException">It asked for another, or for none.</exception>
    public void Record(HistoryEvent recorded)
    {
        var was = StepName.Of(recorded);
        if (!_unrecorded.TryGetValue(recorded.EventId, out var action))
        {
            throw new NonDeterministicOrchestrationException(
                $"step {recorded.EventId} was {was} when it ran, but the code now asks for nothing there; "
                + "restore the order of the calls, or guard the new code with IsPatched");
        }

        var now = StepName.Of(action);
        if (was != now)
        {
            throw new NonDeterministicOrchestrationException(
                $"step {recorded.EventId} was {was} when it ran, but the code now asks for {now}; "
                + "restore the order of the calls, or guard the new code with IsPatched");
        }

        _unrecorded.Remove(recorded.EventId);
    }

    /// <summary>At the end of a replayed turn every step must be in history.</summary>
    /// <exception cref="NonDeterministicOrchestrationException">The code asks for a step that history does not have.</exception>
    public void EnsureAllRecorded()
    {
        if (_unrecorded.Count > 0)
        {
            var (id, action) = _unrecorded.First();
            throw new NonDeterministicOrchestrationException(
                $"the code now asks for {StepName.Of(action)} as step {id}, which did not happen when it ran; "
                + "restore the order of the calls, or guard the new code with IsPatched");
        }
    }

    /// <summary>The answer was built: what it asked for is now the sidecar's to record.</summary>
    public void MarkRecorded() => _unrecorded.Clear();
}
