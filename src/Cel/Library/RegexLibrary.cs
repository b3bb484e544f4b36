using System.Text;
using System.Text.RegularExpressions;
using Castellan.Cel.Evaluation;

namespace Castellan.Cel.Library;

/// <summary>The regex extension (regex.replace, regex.extract, regex.extractAll), and Kubernetes' find and findAll.</summary>
internal static class RegexLibrary
{
    private static readonly CelType S = CelType.String;
    private static readonly CelType I = CelType.Int;

    private delegate CelValue Use(Regex regex);

    // Each place may be replaced by a text that holds what stood there for every two of its characters.
    private static Extent ReplacedExtent(ReadOnlySpan<Extent> a) => Extent.Text(Cost.Sum(a[0].Weight, Cost.Product(Cost.Sum(1, a[2].Weight), Cost.Product(100, Cost.Sum(1, a[0].Weight)))));

    public static IEnumerable<CelOverload> Overloads() => Forms().Select(form => form.WithEffort(Patterns.EffortOfUse, Patterns.EffortOfUse));

    private static IEnumerable<CelOverload> Forms() =>
    [
        CelOverload.Global("regex.replace", [S, S, S], S, a => With(a[1], Replacing(a[0].Text, a[2].Text, -1))).WithExtent(ReplacedExtent),
        CelOverload.Global("regex.replace", [S, S, S, I], S, a => With(a[1], Replacing(a[0].Text, a[2].Text, a[3].AsInt))).WithExtent(ReplacedExtent),
        CelOverload.Global("regex.extract", [S, S], CelType.Optional(S), a => With(a[1], Extracting(a[0].Text))),
        CelOverload.Global("regex.extractAll", [S, S], CelType.List(S), a => With(a[1], ExtractingAll(a[0].Text))).WithExtent(StringsLibrary.Pieces),
        CelOverload.Member("find", [S, S], S, a => With(a[1], Finding(a[0].Text))),
        CelOverload.Member("findAll", [S, S], CelType.List(S), a => With(a[1], FindingAll(a[0].Text, -1))).WithExtent(StringsLibrary.Pieces),
        CelOverload.Member("findAll", [S, S, I], CelType.List(S), a => With(a[1], FindingAll(a[0].Text, a[2].AsInt))).WithExtent(StringsLibrary.Pieces),
    ];

    private static CelValue With(in CelValue pattern, Use use)
    {
        var (regex, problem) = Patterns.Cached(pattern.Text);
        if (regex is null) return CelValue.Fail(problem!);
        try
        {
            return use(regex);
        }
        catch (RegexMatchTimeoutException)
        {
            throw Patterns.TooLong();
        }
    }

    private static Use Finding(string text) => regex => CelValue.From(regex.Match(text).Value);

    private static Use FindingAll(string text, long limit) => regex => CelValue.From(Take(regex.Matches(text), limit).Select(m => m.Value));

    private static Use Extracting(string text) => regex => Groups(regex) switch
    {
        > 1 => TooManyGroups(),
        var groups => regex.Match(text) is { Success: true } match ? CelValue.Some(CelValue.From(match.Groups[groups].Value)) : CelValue.None,
    };

    private static Use ExtractingAll(string text) => regex => Groups(regex) switch
    {
        > 1 => TooManyGroups(),
        var groups => CelValue.From(regex.Matches(text).Where(m => m.Groups[groups].Success).Select(m => m.Groups[groups].Value)),
    };

    private static Use Replacing(string text, string replacement, long limit) => regex =>
    {
        var result = new StringBuilder();
        var at = 0;
        foreach (var match in Take(regex.Matches(text), limit))
        {
            result.Append(text, at, match.Index - at);
            if (Expand(result, match, replacement) is { } problem) return CelValue.Fail(problem);
            if (result.Length > Evaluation.ArithmeticNode.LongestText) throw LimitExceededException.TextTooLong();
            at = match.Index + match.Length;
        }
        return CelValue.From(result.Append(text, at, text.Length - at).ToString());
    };

    /// <summary>Writes a replacement: \0 is the match, \1 to \9 are its groups, \\ is a backslash.</summary>
    private static string? Expand(StringBuilder result, Match match, string replacement)
    {
        for (var i = 0; i < replacement.Length; i++)
        {
            if (replacement[i] != '\\')
            {
                result.Append(replacement[i]);
                continue;
            }
            var mark = ++i < replacement.Length ? replacement[i] : ' ';
            if (mark == '\\') result.Append('\\');
            else if (!char.IsAsciiDigit(mark) || mark - '0' >= match.Groups.Count) return "the replacement names a group that the pattern does not have";
            else result.Append(match.Groups[mark - '0'].Value);
        }
        return null;
    }

    private static IEnumerable<Match> Take(MatchCollection matches, long limit) =>
        limit < 0 ? matches : matches.Take((int)Math.Min(limit, int.MaxValue));

    private static int Groups(Regex regex) => regex.GetGroupNumbers().Length - 1;

    private static CelValue TooManyGroups() => CelValue.Fail("the pattern has more than one group; mark the others (?:…)");
}
