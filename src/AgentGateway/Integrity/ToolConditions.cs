using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Policy;

namespace Castellan.AgentGateway.Integrity;

/// <summary>What the status of a ToolServer says about its tools. Pure.</summary>
internal static class ToolConditions
{
    private const int Named = 5;
    private const int LongestMessage = 4000;

    internal static Verdict Changed(ToolFindings findings)
    {
        var blocked = findings.Verdicts.Where(v => v.State is not (ToolState.Pinned or ToolState.Gone)).ToList();
        if (blocked.Count == 0)
        {
            return Verdict.No("AsPinned", findings.Verdicts.Count(v => v.State == ToolState.Gone) is > 0 and var gone
                ? $"every tool that it lists is as pinned; {gone} pinned ones are not listed"
                : "every tool that it lists is as pinned");
        }

        var reason = blocked.Any(v => v.State == ToolState.Concealed) ? "ToolsConcealed"
            : blocked.Any(v => v.State == ToolState.Changed) ? "DefinitionsChanged"
            : blocked.Any(v => v.State == ToolState.New) ? "ToolsAdded"
            : "ToolsUnreadable";
        return Verdict.Yes(reason, Listing(blocked.Select(v => $"{Shown(v.Tool)} ({v.State}): {v.Reason}")));
    }

    internal static Verdict Imitate(ToolFindings findings) => findings.Imitations.Count == 0
        ? Verdict.No("NoneFound", "no name of its tools can be taken for another's")
        : Verdict.Yes("NamesAlike", Listing(findings.Imitations.SelectMany(of => of.Select(finding => $"{Shown(of.Key)} {Shown(finding)}"))));

    internal static List<DiscoveredTool> Tools(ToolFindings findings) =>
    [
        .. from verdict in findings.Verdicts
           let listed = verdict.Listed?.Tool
           where listed is not null
           select new DiscoveredTool
           {
               Name = verdict.Tool,
               Effect = listed.Effect,
               Digest = listed.Digest,
               State = verdict.State,
               PinnedDigest = verdict.PinnedDigest,
               Imitates = findings.Imitations.Contains(verdict.Tool) ? [.. findings.Imitations[verdict.Tool].Take(10).Select(Shown)] : null,
           },
    ];

    private static string Listing(IEnumerable<string> lines)
    {
        var all = lines.ToList();
        var text = string.Join("; ", all.Take(Named)) + (all.Count > Named ? $"; and {all.Count - Named} more" : "");
        return text.Length <= LongestMessage ? text : $"{text[..LongestMessage]}…";
    }

    private static string Shown(string text) => InvisibleText.Show(text).ReplaceLineEndings(" ");
}
