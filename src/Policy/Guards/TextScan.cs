namespace Castellan.Policy.Guards;

/// <summary>
/// Looks for secrets, personal data and injected instructions in a text, in time linear in its length: hand-written scanners, no regular
/// expressions. What is too long to be read counts as found.
/// </summary>
public static class TextScan
{
    /// <summary>Characters that are read; what lies beyond is one finding of each kind asked for, named <c>unread</c>.</summary>
    public const int LongestText = 4 * 1024 * 1024;

    /// <summary>Scans a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kinds">What to look for.</param>
    /// <returns>By place; empty when nothing is found.</returns>
    public static IReadOnlyList<TextFinding> Of(string text, GuardKinds kinds) => Of(text, kinds, isDecoded: false);

    internal static IReadOnlyList<TextFinding> Of(string text, GuardKinds kinds, bool isDecoded)
    {
        if (text.Length < 4 || kinds == GuardKinds.None) return [];
        var found = new FindingCollector(text.Length);
        var read = text.AsSpan(0, Math.Min(text.Length, LongestText));
        if (kinds.HasFlag(GuardKinds.Secrets)) SecretScan.Run(read, found);
        if (kinds.HasFlag(GuardKinds.PersonalData)) PersonalDataScan.Run(read, found);
        if (kinds.HasFlag(GuardKinds.Injections)) InjectionScan.Run(read, found);
        if (!isDecoded) EncodedScan.Run(read, kinds, found);
        if (read.Length < text.Length)
        {
            foreach (var kind in new[] { GuardKinds.Secrets, GuardKinds.PersonalData, GuardKinds.Injections })
            {
                if (kinds.HasFlag(kind)) found.Add(kind, "unread", read.Length, text.Length - read.Length);
            }
        }
        return found.Result();
    }

    /// <summary>Replaces what was found by placeholders that say what stood there.</summary>
    /// <param name="text">The text that was scanned.</param>
    /// <param name="findings">Findings of it, by place.</param>
    public static string Redact(string text, IEnumerable<TextFinding> findings)
    {
        var kept = new System.Text.StringBuilder(text.Length);
        var at = 0;
        foreach (var finding in findings.OrderBy(f => f.Start).ThenByDescending(f => f.Length))
        {
            if (finding.End <= at) continue;
            if (finding.Start >= at) kept.Append(text, at, finding.Start - at).Append("[redacted ").Append(finding.Name).Append(']');
            at = finding.End;
        }
        return at == 0 ? text : kept.Append(text, at, text.Length - at).ToString();
    }
}
