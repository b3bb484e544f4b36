using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Castellan.Cel.Library;

/// <summary>Regular expressions in RE2's syntax, matched in linear time.</summary>
internal static class Patterns
{
    private const int CacheLimit = 256;
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
            return CelValue.Fail($"matching took longer than {Timeout.TotalSeconds} s; simplify the pattern");
        }
    }
}
