namespace Castellan.Policy.Guards;

/// <summary>Takes the findings of one text. Beyond a number of one kind the rest of the text counts as one: whoever floods a scan gains nothing by it.</summary>
/// <param name="length">Length of the text.</param>
internal sealed class FindingCollector(int length)
{
    private const int MostOfAKind = 1000;
    private readonly List<TextFinding> _found = [];
    private int _secrets;
    private int _personal;
    private int _injections;

    /// <summary>Takes a finding.</summary>
    /// <returns>False when no more of this kind are taken; the scan may end.</returns>
    public bool Add(GuardKinds kind, string name, int start, int count)
    {
        ref var taken = ref kind == GuardKinds.Secrets ? ref _secrets : ref kind == GuardKinds.PersonalData ? ref _personal : ref _injections;
        if (taken > MostOfAKind) return false;
        if (taken++ == MostOfAKind)
        {
            _found.Add(new TextFinding(kind, "too-many", start, length - start));
            return false;
        }
        _found.Add(new TextFinding(kind, name, start, count));
        return true;
    }

    /// <summary>The findings by place; one that lies within another of its kind is left out.</summary>
    public IReadOnlyList<TextFinding> Result()
    {
        if (_found.Count < 2) return _found;
        _found.Sort(static (a, b) => (a.Kind, a.Start, -a.Length).CompareTo((b.Kind, b.Start, -b.Length)));
        var kept = new List<TextFinding>(_found.Count);
        foreach (var finding in _found)
        {
            if (kept.Count > 0 && kept[^1].Kind == finding.Kind && finding.End <= kept[^1].End) continue;
            kept.Add(finding);
        }
        kept.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        return kept;
    }
}
