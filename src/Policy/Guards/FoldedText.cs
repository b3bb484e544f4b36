using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>
/// A text as a model reads it, whatever it was dressed up with: lower case, without accents, emphasis and invisible characters, one space
/// between words, letters of other shapes (full width, mathematical, tags) as plain ones. Knows where each character stood.
/// </summary>
internal ref struct FoldedText
{
    private char[] _chars;
    private int[] _places;

    public FoldedText(ReadOnlySpan<char> text)
    {
        _chars = ArrayPool<char>.Shared.Rent(text.Length + 1);
        _places = ArrayPool<int>.Shared.Rent(text.Length + 1);
        var length = 0;
        for (var i = 0; i < text.Length;)
        {
            var (folded, width) = Next(text, i);
            if (folded != '\0' && (folded != ' ' || (length > 0 && _chars[length - 1] != ' ')))
            {
                _chars[length] = folded;
                _places[length++] = i;
            }
            i += width;
        }
        _places[length] = text.Length;
        Text = _chars.AsSpan(0, length);
    }

    /// <summary>The folded characters.</summary>
    public ReadOnlySpan<char> Text { get; }

    /// <summary>Where a folded character stood; for the place behind the last one, the length of the text.</summary>
    public readonly int PlaceOf(int index) => _places[index];

    /// <summary>Folds a word of a dictionary, so that it meets folded text.</summary>
    public static string Of(string text)
    {
        using var folded = new FoldedText(text);
        return folded.Text.ToString();
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_chars);
        ArrayPool<int>.Shared.Return(_places);
        (_chars, _places) = ([], []);
    }

    // The character it is read as, NUL for none, and how many characters that took.
    private static (char Folded, int Width) Next(ReadOnlySpan<char> text, int at)
    {
        var c = text[at];
        if (c < 128) return c == '\\' ? Escaped(text, at) : (Ascii(c), 1);
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])) return (Astral(char.ConvertToUtf32(c, text[at + 1])), 2);
        return (Letters.Fold(c), 1);
    }

    private static char Ascii(char c) => c switch
    {
        >= 'A' and <= 'Z' => (char)(c | 0x20),
        <= ' ' or '_' or '-' => ' ',
        '*' or '`' or '~' or '"' or '\'' => '\0',
        _ => c,
    };

    // Text inside of JSON or source code comes with its escapes.
    private static (char Folded, int Width) Escaped(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 >= text.Length) return ('\\', 1);
        if (text[at + 1] is 'n' or 'r' or 't') return (' ', 2);
        if (text[at + 1] != 'u' || at + 6 > text.Length || text.Slice(at + 2, 4).ContainsAnyExcept(Charset.Hex)) return ('\0', 1);
        var c = (char)int.Parse(text.Slice(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
        return (c < 128 ? Ascii(c) : char.IsSurrogate(c) ? '\0' : Letters.Fold(c), 6);
    }

    private static char Astral(int codePoint) => codePoint switch
    {
        >= 0xE0020 and <= 0xE007E => Ascii((char)(codePoint - 0xE0000)), // tags: invisible, and read by models
        >= 0x1D400 and <= 0x1D6A3 => (char)('a' + ((codePoint - 0x1D400) % 26)), // mathematical alphabets, capital and small by turns
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + ((codePoint - 0x1D7CE) % 10)),
        >= 0xE0100 and <= 0xE01EF => '\0', // variation selectors
        _ => '\uFFFD',
    };
}
