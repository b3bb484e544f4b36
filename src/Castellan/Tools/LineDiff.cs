namespace Castellan.Cli.Tools;

/// <summary>What separates two texts, line by line, with some lines around each difference. Pure.</summary>
internal static class LineDiff
{
    private const int Context = 3;

    /// <summary>Texts with more differing lines than this are shown as one removed and one added whole.</summary>
    private const int LongestSearch = 4_000;

    /// <summary>Lines that begin with <c>-</c>, <c>+</c>, a space, or <c>@</c> where lines are left out.</summary>
    public static IReadOnlyList<string> Between(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var start = 0;
        while (start < before.Count && start < after.Count && before[start] == after[start])
        {
            start++;
        }

        var end = 0;
        while (end < before.Count - start && end < after.Count - start && before[^(end + 1)] == after[^(end + 1)])
        {
            end++;
        }

        List<string> lines = [.. before.Take(start).Select(Same)];
        lines.AddRange(Middle([.. before.Skip(start).Take(before.Count - start - end)], [.. after.Skip(start).Take(after.Count - start - end)]));
        lines.AddRange(before.Skip(before.Count - end).Select(Same));
        return Shortened(lines);
    }

    private static string Same(string line) => $" {line}";

    private static IEnumerable<string> Middle(string[] before, string[] after)
    {
        if (before.Length > LongestSearch || after.Length > LongestSearch)
        {
            return [.. before.Select(line => $"-{line}"), .. after.Select(line => $"+{line}")];
        }

        // The longest common subsequence, by the lengths of those of all tails.
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
            {
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<string>();
        var (at, to) = (0, 0);
        while (at < before.Length || to < after.Length)
        {
            if (at < before.Length && to < after.Length && before[at] == after[to])
            {
                lines.Add(Same(before[at++]));
                to++;
            }
            else if (to == after.Length || (at < before.Length && common[at + 1, to] >= common[at, to + 1]))
            {
                lines.Add($"-{before[at++]}");
            }
            else
            {
                lines.Add($"+{after[to++]}");
            }
        }

        return lines;
    }

    private static List<string> Shortened(List<string> lines)
    {
        var shown = new List<string>();
        var left = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            if (IsNearADifference(lines, i))
            {
                left = 0;
                shown.Add(lines[i]);
            }
            else if (left++ == 0)
            {
                shown.Add("@ …");
            }
        }

        return shown;
    }

    private static bool IsNearADifference(List<string> lines, int at)
    {
        for (var i = Math.Max(0, at - Context); i <= Math.Min(lines.Count - 1, at + Context); i++)
        {
            if (lines[i][0] != ' ')
            {
                return true;
            }
        }

        return false;
    }
}
