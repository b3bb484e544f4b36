namespace Castellan.Policy;

/// <summary>Finds the tools of a namespace whose names can be taken for those of other tools. Pure.</summary>
public static class ImitationSearch
{
    /// <summary>Shorter names differ by a letter for good reasons (get, set).</summary>
    private const int ShortestForOneLetter = 8;

    /// <summary>One finding at most per tool and kind of likeness, in the order of the tools.</summary>
    /// <param name="tools">The tools of all servers of one namespace.</param>
    public static IReadOnlyList<Imitation> Find(IEnumerable<NamedTool> tools)
    {
        var findings = new List<Imitation>();
        var looks = new Dictionary<string, List<NamedTool>>(StringComparer.Ordinal);
        var near = new Dictionary<string, List<(NamedTool Tool, string Look)>>(StringComparer.Ordinal);
        foreach (var tool in tools.OrderBy(t => !t.IsOwn).ThenBy(t => t.Since).ThenBy(t => t.Server, StringComparer.Ordinal).ThenBy(t => t.Name, StringComparer.Ordinal))
        {
            var look = NameSkeleton.Of(tool.Name);
            var alike = looks.GetValueOrDefault(look) ?? (looks[look] = []);
            if (!tool.IsOwn)
            {
                findings.AddRange(Of(tool, look, alike, near));
            }

            alike.Add(tool);
            foreach (var part in Parts(look))
            {
                (near.GetValueOrDefault(part) ?? (near[part] = [])).Add((tool, look));
            }
        }

        return findings;
    }

    private static IEnumerable<Imitation> Of(NamedTool tool, string look, List<NamedTool> alike, Dictionary<string, List<(NamedTool Tool, string Look)>> near)
    {
        if (NameSkeleton.MixedScripts(tool.Name) is { } scripts)
        {
            yield return new Imitation(tool, $"mixes {scripts} letters in its name");
        }

        if (alike.FirstOrDefault(other => other.Name != tool.Name) is { } twin)
        {
            yield return new Imitation(tool, $"reads like '{twin.Name}' of {twin.Server}");
        }
        else if (alike.FirstOrDefault(other => other.Server != tool.Server && other.Digest != tool.Digest) is { } namesake)
        {
            yield return new Imitation(tool, $"has the name of a tool of {namesake.Server} with another definition");
        }
        else if (alike.Count == 0 && Parts(look).SelectMany(part => near.GetValueOrDefault(part) ?? []).FirstOrDefault(n => n.Tool.Server != tool.Server && IsOneApart(n.Look, look)).Tool is { } neighbour)
        {
            yield return new Imitation(tool, $"is one letter away from '{neighbour.Name}' of {neighbour.Server}");
        }
    }

    // Two texts that one inserted, left out or changed letter parts have one of these in common.
    private static IEnumerable<string> Parts(string look) => look.Length < ShortestForOneLetter
        ? []
        : Enumerable.Range(0, look.Length).Select(i => look.Remove(i, 1)).Prepend(look).Distinct(StringComparer.Ordinal);

    private static bool IsOneApart(string a, string b)
    {
        var start = a.AsSpan().CommonPrefixLength(b);
        var restOfA = a.AsSpan(start);
        var restOfB = b.AsSpan(start);
        return restOfA.Length == restOfB.Length ? restOfA.Length > 0 && restOfA[1..].SequenceEqual(restOfB[1..])
            : restOfA.Length == restOfB.Length + 1 ? restOfA[1..].SequenceEqual(restOfB)
            : restOfB.Length == restOfA.Length + 1 && restOfB[1..].SequenceEqual(restOfA);
    }
}
