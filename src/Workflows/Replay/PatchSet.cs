namespace Castellan.Workflows.Replay;

/// <summary>Which patches this execution took; decided once for each name and kept in history by the sidecar.</summary>
internal sealed class PatchSet
{
    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _decided = new(StringComparer.Ordinal);
    private readonly List<string> _taken = [];

    /// <summary>The patches that are true, in the order they were met.</summary>
    public IReadOnlyList<string> Taken => _taken;

    /// <summary>Adds what history says of a turn.</summary>
    public void Record(IEnumerable<string> patches) => _recorded.UnionWith(patches);

    public bool IsTaken(string name, bool isReplaying)
    {
        if (!_decided.TryGetValue(name, out var taken))
        {
            _decided[name] = taken = !isReplaying || _recorded.Contains(name);
            if (taken)
            {
                _taken.Add(name);
            }
        }

        return taken;
    }
}
