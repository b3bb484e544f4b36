using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Replay;

/// <summary>Matches raised events with waits, first come first served; names are compared without case.</summary>
internal sealed class EventBuffer
{
    private readonly Dictionary<string, LinkedList<TaskCompletionSource<string?>>> _waits = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HistoryEvent> _unclaimed = [];

    /// <summary>Waits for which no event has come.</summary>
    public int WaitCount { get; private set; }

    /// <summary>Events that nobody waited for, in the order they came.</summary>
    public IReadOnlyList<HistoryEvent> Unclaimed => _unclaimed;

    public Task<string?> Wait(string name, CancellationToken ct)
    {
        var index = _unclaimed.FindIndex(raised => string.Equals(raised.EventRaised.Name, name, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            var input = _unclaimed[index].EventRaised.Input;
            _unclaimed.RemoveAt(index);
            return Task.FromResult<string?>(input);
        }

        var source = new TaskCompletionSource<string?>();
        if (!_waits.TryGetValue(name, out var queue))
        {
            _waits.Add(name, queue = []);
        }

        var node = queue.AddLast(source);
        WaitCount++;
        if (ct.CanBeCanceled)
        {
            ct.Register(() => Cancel(node, ct));
        }

        return source.Task;
    }

    public void Raise(HistoryEvent raised)
    {
        if (_waits.TryGetValue(raised.EventRaised.Name, out var queue) && queue.First is { } first)
        {
            queue.RemoveFirst();
            WaitCount--;
            first.Value.TrySetResult(raised.EventRaised.Input);
        }
        else
        {
            _unclaimed.Add(raised);
        }
    }

    private void Cancel(LinkedListNode<TaskCompletionSource<string?>> node, CancellationToken ct)
    {
        if (node.List is { } queue)
        {
            queue.Remove(node);
            WaitCount--;
            node.Value.TrySetCanceled(ct);
        }
    }
}
