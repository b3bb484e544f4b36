namespace Castellan.Cel.Compilation;

/// <summary>Finds the name that was probably meant.</summary>
internal static class Suggestion
{
    /// <summary>A remedy: the nearest known name, else the known names.</summary>
    public static string? For(string wrong, IEnumerable<string> known)
    {
        var names = known.Where(n => !n.StartsWith('@')).Order(StringComparer.Ordinal).ToList();
        var best = names.Select(n => (Name: n, Distance: Distance(wrong, n))).OrderBy(c => c.Distance).FirstOrDefault();
        if (best.Name is not null && best.Distance <= Math.Max(1, Math.Min(wrong.Length, best.Name.Length) / 3)) return $"did you mean '{best.Name}'?";
        return names.Count switch
        {
            0 => null,
            <= 20 => $"known are {string.Join(", ", names)}",
            _ => null,
        };
    }

    /// <summary>Edits between two names (insert, delete, replace), ignoring case.</summary>
    internal static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (same ? 0 : 1));
            }
            previous = current;
        }
        return previous[b.Length];
    }
}
