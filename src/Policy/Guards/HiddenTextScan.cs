using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>Finds text that people do not see and models read, and marks that show people another order of words.</summary>
internal static class HiddenTextScan
{
    // So many in a row are no spelling of Persian or of a family emoji any more.
    private const int Joiners = 4;
    private const char TagOrSelector = '\uDB40'; // leads U+E0000 to U+E03FF
    private const char LowestTag = '\uDC00';
    private const char HighestTag = '\uDC7F';

    private static readonly SearchValues<char> Interesting = SearchValues.Create(
        "\uDB40\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u200B\u200C\u200D\u2060\u2061\u2062\u2063\u2064\uFEFF\u180E\u3164\uFE00\uFE01\uFE02\uFE03\uFE04\uFE05\uFE06\uFE07\uFE08\uFE09\uFE0A\uFE0B\uFE0C\uFE0D\uFE0E\uFE0F");

    public static void Run(ReadOnlySpan<char> text, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Interesting);
            if (next < 0) return;
            at += next;
            var end = EndOfRun(text, at);
            var name = NameOf(text, at, end);
            if (name is not null && !found.Add(GuardKinds.Injections, name, at, end - at)) return;
            at = end;
        }
    }

    private static string? NameOf(ReadOnlySpan<char> text, int at, int end)
    {
        var run = text[at..end];
        if (run.ContainsAny("\u202A\u202B\u202D\u202E\u2066\u2067\u2068")) return "bidi-control";
        if (run.Contains(TagOrSelector)) return IsFlag(text, at, end) ? null : "invisible-text";
        return run.Length >= Joiners ? "invisible-text" : null;
    }

    // Flags of regions (🏴 and the tags of "gbsct") are the one use of tags that people see. UTS #51, section C.1.
    private static bool IsFlag(ReadOnlySpan<char> text, int at, int end) =>
        at >= 2 && text[at - 2] == '\uD83C' && text[at - 1] == '\uDFF4' && end - at <= 14 && text[end - 1] == HighestTag;

    private static int EndOfRun(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length)
        {
            if (text[at] == TagOrSelector && at + 1 < text.Length && text[at + 1] is >= LowestTag and <= '\uDDEF') at += 2;
            else if (text[at] == TagOrSelector || !Interesting.Contains(text[at])) return text[at] == TagOrSelector ? at + 1 : at;
            else at++;
        }
        return at;
    }
}
