using System.Text;
using Castellan.Cel.Evaluation;

namespace Castellan.Cel.Library;

/// <summary>The strings extension; positions count code points.</summary>
internal static class StringsLibrary
{
    private static readonly CelType S = CelType.String;
    private static readonly CelType I = CelType.Int;

    public static IEnumerable<CelOverload> Overloads() =>
    [
        CelOverload.Member("charAt", [S, I], S, a => CharAt(a[0].Text, a[1].AsInt)),
        CelOverload.Member("indexOf", [S, S], I, a => IndexOf(a[0].Text, a[1].Text, 0)).WithEffort(CelOverload.EffortOfSearching),
        CelOverload.Member("indexOf", [S, S, I], I, a => IndexOf(a[0].Text, a[1].Text, a[2].AsInt)).WithEffort(CelOverload.EffortOfSearching),
        CelOverload.Member("lastIndexOf", [S, S], I, a => LastIndexOf(a[0].Text, a[1].Text, null)).WithEffort(CelOverload.EffortOfSearching),
        CelOverload.Member("lastIndexOf", [S, S, I], I, a => LastIndexOf(a[0].Text, a[1].Text, a[2].AsInt)).WithEffort(CelOverload.EffortOfSearching),
        CelOverload.Member("lowerAscii", [S], S, a => CelValue.From(string.Create(a[0].Text.Length, a[0].Text, (to, from) => MapAscii(to, from, lower: true)))),
        CelOverload.Member("upperAscii", [S], S, a => CelValue.From(string.Create(a[0].Text.Length, a[0].Text, (to, from) => MapAscii(to, from, lower: false)))),
        CelOverload.Member("replace", [S, S, S], S, a => Replace(a[0].Text, a[1].Text, a[2].Text, -1)).WithEffort(CelOverload.EffortOfSearching).WithExtent(Replaced),
        CelOverload.Member("replace", [S, S, S, I], S, a => Replace(a[0].Text, a[1].Text, a[2].Text, a[3].AsInt)).WithEffort(CelOverload.EffortOfSearching).WithExtent(Replaced),
        CelOverload.Member("split", [S, S], CelType.List(S), a => Split(a[0].Text, a[1].Text, -1)).WithEffort(CelOverload.EffortOfSearching).WithExtent(Pieces),
        CelOverload.Member("split", [S, S, I], CelType.List(S), a => Split(a[0].Text, a[1].Text, a[2].AsInt)).WithEffort(CelOverload.EffortOfSearching).WithExtent(Pieces),
        CelOverload.Member("substring", [S, I], S, a => Substring(a[0].Text, a[1].AsInt, null)),
        CelOverload.Member("substring", [S, I, I], S, a => Substring(a[0].Text, a[1].AsInt, a[2].AsInt)),
        CelOverload.Member("trim", [S], S, a => CelValue.From(Trim(a[0].Text))),
        CelOverload.Member("reverse", [S], S, a => CelValue.From(Text.Reverse(a[0].Text))),
        CelOverload.Member("join", [CelType.List(S)], S, a => Join(a[0].AsList, "")).WithExtent(Joined),
        CelOverload.Member("join", [CelType.List(S), S], S, a => Join(a[0].AsList, a[1].Text)).WithExtent(Joined),
        CelOverload.Member("format", [S, CelType.AnyList], S, a => new TextFormat(a[0].Text, a[1].AsList).Write()).WithExtent(Formatted),
        CelOverload.Global("strings.quote", [S], S, a => CelValue.From(Quoting.Quote(a[0].Text))),
    ];

    /// <summary>The pieces of a text: as many as it has characters, and one more.</summary>
    internal static Extent Pieces(ReadOnlySpan<Extent> a)
    {
        var pieces = Cost.Sum(11, Cost.Product(10, a[0].Weight));
        return new(pieces, Cost.Sum(pieces, a[0].Weight), a[0].Weight);
    }

    // A text is replaced before each of the characters and at the end.
    private static Extent Replaced(ReadOnlySpan<Extent> a) =>
        Extent.Text(Cost.Sum(1, a[0].Weight, Cost.Product(Cost.Sum(11, Cost.Product(10, a[0].Weight)), 1 + a[2].Weight)));

    private static Extent Joined(ReadOnlySpan<Extent> a) =>
        Extent.Text(Cost.Sum(1, a[0].Weight, Cost.Product(a[0].Count, 1 + (a.Length > 1 ? a[1].Weight : 0))));

    // Elements get brackets, commas and quotes around them, and a number may be asked for with a thousand digits.
    private static Extent Formatted(ReadOnlySpan<Extent> a) =>
        Extent.Text(Cost.Sum(a[0].Weight, Cost.Product(100, Cost.Sum(1, a[1].Count)), Cost.Product(6, a[1].Weight)));

    private static CelValue CharAt(string text, long index)
    {
        var at = Text.UnitsBefore(text, index);
        if (at < 0) return OutOfRange(index);
        if (at == text.Length) return CelValue.From("");
        return CelValue.From(text.Substring(at, char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1));
    }

    private static CelValue IndexOf(string text, string wanted, long from)
    {
        var start = Text.UnitsBefore(text, from);
        if (start < 0) return OutOfRange(from);
        var found = text.IndexOf(wanted, start, StringComparison.Ordinal);
        return CelValue.From(found < 0 ? -1L : Text.CodePointsBefore(text, found));
    }

    private static CelValue LastIndexOf(string text, string wanted, long? until)
    {
        var end = until is { } limit ? Text.UnitsBefore(text, limit) : text.Length;
        if (end < 0) return OutOfRange(until!.Value);
        var found = text.AsSpan(0, Math.Min(text.Length, end + wanted.Length)).LastIndexOf(wanted);
        if (wanted.Length == 0) found = end;
        return CelValue.From(found < 0 ? -1L : Text.CodePointsBefore(text, found));
    }

    private static void MapAscii(Span<char> to, string from, bool lower)
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = !char.IsAscii(from[i]) ? from[i] : lower ? char.ToLowerInvariant(from[i]) : char.ToUpperInvariant(from[i]);
        }
    }

    private static CelValue Replace(string text, string old, string replacement, long limit)
    {
        if (limit == 0 || old == replacement) return CelValue.From(text);
        var result = new StringBuilder();
        var (at, count) = (0, 0L);
        while (limit < 0 || count < limit)
        {
            var found = text.IndexOf(old, Math.Min(at, text.Length), StringComparison.Ordinal);
            if (found < 0 || at > text.Length) break;
            // An empty text is found before each code point and at the end.
            var step = old.Length > 0 || found >= text.Length ? 0 : char.IsHighSurrogate(text[found]) && found + 1 < text.Length ? 2 : 1;
            result.Append(text, at, found - at).Append(replacement).Append(text, found, step);
            at = found + (old.Length > 0 ? old.Length : Math.Max(step, 1));
            count++;
            if (result.Length > ArithmeticNode.LongestText) throw LimitExceededException.TextTooLong();
        }
        if (at < text.Length) result.Append(text, at, text.Length - at);
        return CelValue.From(result.ToString());
    }

    private static CelValue Split(string text, string separator, long limit)
    {
        if (limit == 0) return CelValue.From(CelList.Empty);
        IEnumerable<string> parts = separator.Length == 0
            ? Runes(text, limit)
            : text.Split(separator, limit is < 0 or > int.MaxValue ? int.MaxValue : (int)limit, StringSplitOptions.None);
        return CelValue.From(parts);
    }

    private static List<string> Runes(string text, long limit)
    {
        var parts = new List<string>();
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (limit > 0 && parts.Count == limit - 1) break;
            parts.Add(rune.ToString());
            at += rune.Utf16SequenceLength;
        }
        if (at < text.Length) parts.Add(text[at..]);
        return parts;
    }

    private static CelValue Substring(string text, long start, long? end)
    {
        var from = Text.UnitsBefore(text, start);
        if (from < 0) return OutOfRange(start);
        var to = end is { } last ? Text.UnitsBefore(text, last) : text.Length;
        if (to < 0) return OutOfRange(end!.Value);
        return to < from ? CelValue.Fail($"the substring starts at {start} after its end {end}") : CelValue.From(text[from..to]);
    }

    private static string Trim(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && Text.IsBlank(text[start])) start++;
        while (end > start && Text.IsBlank(text[end - 1])) end--;
        return text[start..end];
    }

    private static CelValue Join(CelList list, string separator)
    {
        var result = new StringBuilder();
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Kind != CelKind.String) return CelValue.Fail($"no such overload: join of a list with {list[i].TypeName}");
            if (i > 0) result.Append(separator);
            result.Append(list[i].Text);
            if (result.Length > ArithmeticNode.LongestText) throw LimitExceededException.TextTooLong();
        }
        return CelValue.From(result.ToString());
    }

    private static CelValue OutOfRange(long index) => CelValue.Fail($"index out of range: {index}");
}
