namespace Castellan.LocalCluster.Selectors;

/// <summary>Chooses objects by their labels.</summary>
/// <remarks>Source: Kubernetes documentation, "Labels and Selectors", list and watch filtering.</remarks>
internal sealed class LabelSelector
{
    private readonly List<Requirement> requirements = [];

    public bool IsEmpty => requirements.Count == 0;

    /// <exception cref="FormatException">It is no selector; the message says where.</exception>
    public static LabelSelector Parse(string text)
    {
        var selector = new LabelSelector();
        var rest = text.AsSpan().Trim();
        while (!rest.IsEmpty)
        {
            var end = EndOfRequirement(rest);
            selector.requirements.Add(Requirement.Parse(rest[..end].Trim().ToString()));
            rest = end < rest.Length ? rest[(end + 1)..].Trim() : [];
        }
        return selector;
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Matches(labels)) return false;
        }
        return true;
    }

    private static int EndOfRequirement(ReadOnlySpan<char> text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            else if (text[i] == ')') depth--;
            else if (text[i] == ',' && depth == 0) return i;
        }
        return text.Length;
    }

    private sealed record Requirement(string Key, string Operator, string[] Values)
    {
        public static Requirement Parse(string text)
        {
            foreach (var op in (ReadOnlySpan<string>)["!=", "==", "="])
            {
                var at = text.IndexOf(op, StringComparison.Ordinal);
                if (at > 0) return new Requirement(Name(text[..at], text), op == "!=" ? "!=" : "=", [text[(at + op.Length)..].Trim()]);
            }
            if (text.EndsWith(')') && text.IndexOf('(') is var open and > 0)
            {
                var words = text[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words is [var key, "in" or "notin"])
                {
                    return new Requirement(key, words[1], text[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries));
                }
            }
            return text.StartsWith('!') ? new Requirement(Name(text[1..], text), "!", []) : new Requirement(Name(text, text), "exists", []);
        }

        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var has = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                "=" or "in" => has && Values.Contains(value),
                "!=" or "notin" => !has || !Values.Contains(value),
                "!" => !has,
                _ => has,
            };
        }

        private static string Name(string key, string whole)
        {
            key = key.Trim();
            return key.Length > 0 && key.AsSpan().IndexOfAny(" ()<>,") < 0
                ? key
                : throw new FormatException($"unable to parse requirement: found '{whole}', expected: a label, an operator and values");
        }
    }
}
