using System.Text;

namespace Castellan.Cel.Library;

/// <summary>Text by code points: .NET's strings are UTF-16, CEL's are sequences of code points.</summary>
internal static class Text
{
    /// <summary>Number of code points.</summary>
    public static int Length(string text)
    {
        var count = text.Length;
        foreach (var c in text)
        {
            if (char.IsLowSurrogate(c)) count--;
        }
        return count;
    }

    /// <summary>Orders by code points; UTF-16 order differs above U+FFFF.</summary>
    public static int Compare(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length) return a.Length.CompareTo(b.Length);
        var (x, y) = (a[same], b[same]);
        return char.IsSurrogate(x) == char.IsSurrogate(y) ? x.CompareTo(y) : char.IsSurrogate(x) ? 1 : -1;
    }

    /// <summary>Position in UTF-16 units of a code point; -1 when the text is shorter.</summary>
    public static int UnitsBefore(string text, long codePoints)
    {
        if (codePoints < 0 || codePoints > text.Length) return -1;
        var at = 0;
        for (; codePoints > 0; codePoints--)
        {
            if (at >= text.Length) return -1;
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        }
        return at;
    }

    /// <summary>Number of code points before a position in UTF-16 units.</summary>
    public static int CodePointsBefore(string text, int units) => Length(text[..units]);

    /// <summary>The code points in reverse order.</summary>
    public static string Reverse(string text)
    {
        var result = new StringBuilder(text.Length);
        var runes = text.EnumerateRunes().ToArray();
        for (var i = runes.Length - 1; i >= 0; i--) result.Append(runes[i].ToString());
        return result.ToString();
    }

    /// <summary>Unicode's White_Space property.</summary>
    public static bool IsBlank(char c) =>
        c is (>= '\t' and <= '\r') or ' ' or '\u0085' or '\u00a0' or '\u1680' or (>= '\u2000' and <= '\u200a') or '\u2028' or '\u2029' or '\u202f' or '\u205f' or '\u3000';
}
