using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>Finds markup that hides words from people, or that sends what a model knows to a server when it is shown.</summary>
internal static class MarkupScan
{
    private const int LongestLink = 2048;
    private const int LongestTag = 512;

    // What comments say to a model, and comments of generators and licences do not.
    private static readonly SearchValues<string> Address = SearchValues.Create(
        ["assistant", "instruct", "ignore", "prompt", "you must", "you are", "your task", " ai ", "agent", "llm", "language model", "tool", "execute", "call ", "send ", "do not tell", "anweisung", "système"],
        StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<string> Carriers = SearchValues.Create(["?", "{", "%7B", "%7b", "$", "<"], StringComparison.Ordinal);

    public static void Run(ReadOnlySpan<char> text, FindingCollector found)
    {
        Comments(text, found);
        Images(text, "![", found);
        Images(text, "<img", found);
    }

    private static void Comments(ReadOnlySpan<char> text, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOf("<!--", StringComparison.Ordinal);
            if (next < 0) return;
            at += next;
            var close = text[(at + 4)..].IndexOf("-->", StringComparison.Ordinal);
            // A comment without an end hides all that follows.
            var end = close < 0 ? text.Length : at + 4 + close + 3;
            if (text[at..end].ContainsAny(Address) && !found.Add(GuardKinds.Injections, "hidden-comment", at, end - at)) return;
            at = end;
        }
    }

    // ![alt](https://host/?q=…) is fetched when it is shown: what stands in its query leaves with it.
    private static void Images(ReadOnlySpan<char> text, string mark, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOf(mark, StringComparison.OrdinalIgnoreCase);
            if (next < 0) return;
            at += next;
            var end = mark == "<img" ? EndOfTag(text, at) : EndOfLink(text, at);
            if (end > 0 && !found.Add(GuardKinds.Injections, "image-link", at, end - at)) return;
            at = Math.Max(at + mark.Length, end);
        }
    }

    private static int EndOfLink(ReadOnlySpan<char> text, int at)
    {
        var window = text.Slice(at, Math.Min(LongestLink, text.Length - at));
        var open = window.IndexOf("](", StringComparison.Ordinal);
        var again = window[2..].IndexOf("![", StringComparison.Ordinal);
        if (open < 0 || again >= 0 && again + 2 < open) return -1;
        var target = window[(open + 2)..];
        var close = target.IndexOfAny(')', '\n');
        if (close >= 0) target = target[..close];
        return IsRemote(target) && target.ContainsAny(Carriers) ? at + open + 2 + target.Length : -1;
    }

    private static int EndOfTag(ReadOnlySpan<char> text, int at)
    {
        var window = text.Slice(at, Math.Min(LongestTag, text.Length - at));
        var close = window.IndexOf('>');
        var tag = close < 0 ? window : window[..close];
        var source = tag.IndexOf("src", StringComparison.OrdinalIgnoreCase);
        if (source < 0) return -1;
        var target = tag[(source + 3)..].TrimStart(" =\"'");
        return IsRemote(target) && target.ContainsAny(Carriers) ? at + tag.Length : -1;
    }

    private static bool IsRemote(ReadOnlySpan<char> target) =>
        target.TrimStart(" <").StartsWith("http:", StringComparison.OrdinalIgnoreCase) || target.TrimStart(" <").StartsWith("https:", StringComparison.OrdinalIgnoreCase) || target.StartsWith("//", StringComparison.Ordinal);
}
