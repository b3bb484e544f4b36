using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>An append-only list whose views stay valid while it grows: growing copies the array, and a view never looks past its own end.</summary>
internal sealed class HistoryLog
{
    private HistoryEvent[] _events = [];

    public int Count { get; private set; }

    public IReadOnlyList<HistoryEvent> View() => new ArraySegment<HistoryEvent>(_events, 0, Count);

    public void Append(IReadOnlyCollection<HistoryEvent> events)
    {
        if (Count + events.Count > _events.Length)
        {
            Array.Resize(ref _events, Math.Max(Count + events.Count, _events.Length * 2));
        }

        foreach (var one in events)
        {
            _events[Count++] = one;
        }
    }

    public void Clear()
    {
        _events = [];
        Count = 0;
    }
}
