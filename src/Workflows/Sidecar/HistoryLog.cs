using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>An append-only list whose views stay valid while it grows: growing copies the array, and a view never looks past its own end.</summary>
internal sealed class HistoryLog
{
    private const int BytesOfEvent = 200; // an event's objects in memory without its texts, roughly

    private readonly List<string> _patches = [];
    private HistoryEvent[] _events = [];

    public int Count { get; private set; }

    /// <summary>How long the events are on the wire.</summary>
    public long WireBytes { get; private set; }

    /// <summary>About how much memory the events take.</summary>
    public long Bytes => (2 * WireBytes) + ((long)BytesOfEvent * Count);

    /// <summary>The patches that the execution took, in order.</summary>
    public IReadOnlyList<string> Patches => _patches;

    /// <summary>The span that caused the execution.</summary>
    public TraceContext? Trace { get; private set; }

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
            Note(one);
        }
    }

    public void Clear()
    {
        _events = [];
        _patches.Clear();
        Count = 0;
        WireBytes = 0;
        Trace = null;
    }

    private void Note(HistoryEvent one)
    {
        WireBytes += one.CalculateSize();
        if (one.WorkflowStarted?.Version is { } version)
        {
            _patches.AddRange(version.Patches);
        }
        else if (one.ExecutionStarted is { } started)
        {
            Trace = started.ParentTraceContext;
        }
    }
}
