namespace Castellan.Cli.Demo.Evil;

/// <summary>Whether the system held against one attack: every attempt refused, for the right reason, on record, and the legitimate variant working.</summary>
internal sealed class AttackVerdict(int number, string title)
{
    private readonly List<string> _faults = [];
    private int _checks;

    public int Number { get; } = number;

    public string Title { get; } = title;

    /// <summary>What was not as it must be.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>True if something was checked and all of it was so.</summary>
    public bool Held => _checks > 0 && _faults.Count == 0;

    public void Expect(bool isSo, string fault)
    {
        _checks++;
        if (!isSo)
        {
            _faults.Add(fault);
        }
    }
}
