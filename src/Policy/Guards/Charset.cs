using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>Sets of characters that tokens are made of.</summary>
internal static class Charset
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";

    public static readonly SearchValues<char> Alphanumeric = SearchValues.Create(Letters + Digits);
    public static readonly SearchValues<char> Word = SearchValues.Create(Letters + Digits + "_");
    public static readonly SearchValues<char> Url64 = SearchValues.Create(Letters + Digits + "_-");
    public static readonly SearchValues<char> Base64 = SearchValues.Create(Letters + Digits + "+/_-=");
    public static readonly SearchValues<char> Token68 = SearchValues.Create(Letters + Digits + "-._~+/=");
    public static readonly SearchValues<char> Base32 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    public static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");
    public static readonly SearchValues<char> Path = SearchValues.Create(Letters + Digits + "/");

    /// <summary>How many characters from <paramref name="start"/> on belong to a set, at most <paramref name="most"/>.</summary>
    public static int Run(ReadOnlySpan<char> text, int start, SearchValues<char> set, int most = int.MaxValue)
    {
        if (start >= text.Length) return 0;
        var rest = text[start..];
        if (rest.Length > most) rest = rest[..most];
        var end = rest.IndexOfAnyExcept(set);
        return end < 0 ? rest.Length : end;
    }

    /// <summary>Whether a token could begin here: nothing of it stands before.</summary>
    public static bool Begins(ReadOnlySpan<char> text, int at) => at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]) && text[at - 1] != '_';

    /// <summary>Whether a token could end before this place.</summary>
    public static bool Ends(ReadOnlySpan<char> text, int at) => at >= text.Length || !char.IsAsciiLetterOrDigit(text[at]) && text[at] != '_';

    public static bool HasDigit(ReadOnlySpan<char> text) => text.ContainsAnyInRange('0', '9');
}
