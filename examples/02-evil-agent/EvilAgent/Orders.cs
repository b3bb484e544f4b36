namespace Castellan.EvilAgent;

/// <summary>What the run's message asks for: <c>NAME key=value key=value</c>. The name of an attack, and what the attacker found out before.</summary>
internal sealed class Orders
{
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    public Orders(string message)
    {
        var words = message.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Attack = words.FirstOrDefault() ?? "";
        foreach (var word in words.Skip(1))
        {
            if (word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                _known[word[..at]] = word[(at + 1)..];
            }
        }
    }

    public string Attack { get; }

    public string this[string key] => _known.TryGetValue(key, out var value) ? value : throw new FormatException($"the attack '{Attack}' was not told '{key}'; add {key}=VALUE to the message");
}
