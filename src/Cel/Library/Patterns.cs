using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Castellan.Cel.Evaluation;

namespace Castellan.Cel.Library;

/// <summary>Regular expressions in RE2's syntax, matched in linear time.</summary>
internal static class Patterns
{
    private const int CacheLimit = 256;
    private const long EffortOfCompiling = 200;
    private const long CharactersPerEffort = 32;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<string, Regex> Cache = new();

    /// <summary>Compiles a pattern.</summary>
    /// <returns>The expression, or what is wrong with the pattern.</returns>
    public static (Regex? Regex, string? Problem) Compile(string pattern)
    {
        try
        {
            var (translated, problem) = new PatternTranslator(pattern).Translate();
            return problem is null
                ? (new Regex(translated!, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Timeout), null)
                : (null, $"the pattern is invalid: {problem}");
        }
        catch (RegexParseException e)
        {
            return (null, $"the pattern is invalid: {e.Error}");
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return (null, "the pattern is invalid: it has something that RE2 does not have, or is too large");
        }
    }

    /// <summary>As <see cref="Compile"/>, for patterns that come from data.</summary>
    public static (Regex? Regex, string? Problem) Cached(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known)) return (known, null);
        var (regex, problem) = Compile(pattern);
        if (regex is not null && Cache.Count < CacheLimit) Cache.TryAdd(pattern, regex);
        return (regex, problem);
    }

    public static CelValue IsMatch(Regex regex, string text)
    {
        try
        {
            return CelValue.From(regex.IsMatch(text));
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooLong();
        }
    }

    /// <summary>Ends the evaluation in which matching takes too long.</summary>
    public static LimitExceededException TooLong() => new($"matching took longer than {Timeout.TotalSeconds} s; simplify the pattern");

    /// <summary>
    /// What matching costs for 10 characters: at worst every state of the automaton is looked at for every character, and a pattern has
    /// about as many as it has characters, repeats written out.
    /// </summary>
    public static long EffortOf(Regex pattern) => 1 + (PatternTranslator.SizeOf(pattern.ToString()) / CharactersPerEffort);

    /// <summary>What compiling a pattern that comes from data and matching with it cost.</summary>
    /// <param name="arguments">The text and the pattern first.</param>
    public static long EffortOfUse(ReadOnlySpan<CelValue> arguments) => EffortOfUse(Extent.WeightOf(arguments[0]), PatternTranslator.SizeOf(arguments[1].Text));

    /// <summary>What compiling a pattern that comes from data and matching with it cost.</summary>
    /// <param name="weights">Weights of the text and of the pattern, which is taken to repeat nothing.</param>
    public static long EffortOfUse(ReadOnlySpan<long> weights) => EffortOfUse(weights[0], Cost.Sum(10, Cost.Product(10, weights[1])));

    private static long EffortOfUse(long text, long size) => Cost.Sum(EffortOfCompiling, size, Cost.Product(text, 1 + (size / CharactersPerEffort)));
}
