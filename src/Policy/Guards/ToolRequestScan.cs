using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>Finds demands that a tool be called: "now call the delete tool with …". Only people and the model decide that, no result does.</summary>
internal static class ToolRequestScan
{
    private const int Window = 90;
    private const int MostWords = 10;

    private static readonly string[] Verbs = ["call", "invoke", "execute", "rufe", "appelle", "llama", "chiama", "вызови"];

    // Manuals say "use the tool to …"; who demands it says when.
    private static readonly string[] MildVerbs = ["use", "run", "nutze", "utilise", "usa", "используй"];
    private static readonly string[] Urges = ["must", "now", "please", "then", "should", "immediately", "also", "first", "jetzt", "bitte", "maintenant", "ahora", "сейчас"];
    private static readonly string[] Tools = ["tool", "function", "werkzeug", "outil", "herramienta", "strumento", "инструмент"];
    private static readonly string[] Afters = ["with", "to", "and", "passing", "using", "mit", "und", "avec", "pour", "con", "para", "per", "с"];

    private static readonly SearchValues<string> Starts = SearchValues.Create([.. Verbs, .. MildVerbs], StringComparison.Ordinal);

    public static void Run(FoldedText folded, FindingCollector found)
    {
        var text = folded.Text;
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Starts);
            if (next < 0) return;
            at += next;
            var end = at == 0 || !char.IsLetterOrDigit(text[at - 1]) ? EndOf(text, at) : -1;
            if (end > 0 && !found.Add(GuardKinds.Injections, "tool-request", folded.PlaceOf(at), folded.PlaceOf(end) - folded.PlaceOf(at))) return;
            at = Math.Max(at + 1, end);
        }
    }

    // verb, at most six words, tool, and soon what it is to be given.
    private static int EndOf(ReadOnlySpan<char> text, int at)
    {
        var window = text.Slice(at, Math.Min(Window, text.Length - at));
        var tool = -1;
        for (var (i, word) = (0, 0); i < window.Length && word < MostWords; word++)
        {
            var space = window[i..].IndexOf(' ');
            var one = window.Slice(i, space < 0 ? window.Length - i : space);
            if (word == 0 && !IsDemand(text[..at], one)) return -1;
            if (tool < 0 && word is >= 1 and <= 7 && Tools.Any(one, static (o, t) => o.StartsWith(t, StringComparison.Ordinal) && o.Length <= t.Length + 1)) tool = word;
            else if (tool > 0 && word <= tool + 2 && Afters.Any(one, Same)) return at + i + one.Length;
            if (one.EndsWith(".") || one.EndsWith(";")) return -1;
            i += one.Length + 1;
        }
        return -1;
    }

    private static bool IsDemand(ReadOnlySpan<char> before, ReadOnlySpan<char> verb)
    {
        if (Verbs.Any(verb, Same)) return true;
        var last = before.TrimEnd(" ,:");
        last = last[(last.LastIndexOf(' ') + 1)..];
        return MildVerbs.Any(verb, Same) && Urges.Any(last, Same);
    }

    private static bool Same(ReadOnlySpan<char> one, string other) => one.SequenceEqual(other);

    private static bool Any(this string[] words, ReadOnlySpan<char> text, Comparison test)
    {
        foreach (var word in words)
        {
            if (test(text, word)) return true;
        }
        return false;
    }

    private delegate bool Comparison(ReadOnlySpan<char> text, string word);
}
