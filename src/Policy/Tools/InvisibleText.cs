using System.Globalization;
using System.Text;

namespace Castellan.Policy;

/// <summary>
/// Characters that people do not see and models read: tags, zero-width and bidirectional marks, control characters, unusual variation
/// selectors. Text that is shown for a decision must hold none, or show them.
/// </summary>
/// <remarks>Sources: Unicode Technical Standard 39, section 3.1; Unicode Technical Standard 51, for the sequences that emoji need.</remarks>
public static class InvisibleText
{
    private const int ZeroWidthJoiner = 0x200D;
    private const int TextStyle = 0xFE0E;
    private const int EmojiStyle = 0xFE0F;

    /// <summary>The first invisible character of a text, as <c>U+E0041</c>; null if all can be seen.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isName">Names have no line breaks, no tabs and no unusual spaces either.</param>
    public static string? FirstOf(string text, bool isName = false)
    {
        var at = FirstIndex(text, isName);
        return at < 0 ? null : Name(RuneAt(text, at));
    }

    /// <summary>How many invisible characters a text holds.</summary>
    public static int Count(string text, bool isName = false) => Places(text, isName).Count();

    /// <summary>The text with each invisible character as <c>⟨U+E0041⟩</c>.</summary>
    public static string Show(string text)
    {
        if (FirstIndex(text, isName: false) < 0)
        {
            return text;
        }

        var hidden = Places(text, isName: false).ToHashSet();
        var shown = new StringBuilder(text.Length + (hidden.Count * 8));
        for (var i = 0; i < text.Length;)
        {
            var rune = RuneAt(text, i);
            shown.Append(hidden.Contains(i) ? $"⟨{Name(rune)}⟩" : text.Substring(i, LengthAt(text, i)));
            i += LengthAt(text, i);
        }

        return shown.ToString();
    }

    private static int FirstIndex(string text, bool isName)
    {
        foreach (var at in Places(text, isName))
        {
            return at;
        }

        return -1;
    }

    private static IEnumerable<int> Places(string text, bool isName)
    {
        Rune? before = null;
        for (var i = 0; i < text.Length;)
        {
            var (rune, length) = (RuneAt(text, i), LengthAt(text, i));
            Rune? after = i + length < text.Length ? RuneAt(text, i + length) : null;
            if (IsInvisible(rune, before, after, isName))
            {
                yield return i;
            }

            before = rune;
            i += length;
        }
    }

    private static bool IsInvisible(Rune rune, Rune? before, Rune? after, bool isName) => rune.Value switch
    {
        < 0x7F and >= 0x20 => false,
        '\n' or '\r' or '\t' => isName,
        ZeroWidthJoiner => !(IsPictograph(before) && IsPictograph(after)),
        TextStyle or EmojiStyle => !TakesStyle(before),
        (>= 0xFE00 and < TextStyle) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180F) => true, // other variation selectors
        0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 => true, // joiner, fillers and an empty Braille cell
        _ => IsHiding(Rune.GetUnicodeCategory(rune), isName),
    };

    private static bool IsHiding(UnicodeCategory category, bool isName) => category switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => true,
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.SpaceSeparator => isName,
        _ => false,
    };

    private static bool IsPictograph(Rune? rune) => rune is { } r
        && (r.Value == EmojiStyle || Rune.GetUnicodeCategory(r) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol);

    private static bool TakesStyle(Rune? rune) => rune is { } r && Rune.GetUnicodeCategory(r)
        is UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherPunctuation;

    private static string Name(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");

    // Half of a surrogate pair is no character; it shows as the one that stands for unknown ones.
    private static Rune RuneAt(string text, int at) => Rune.TryGetRuneAt(text, at, out var rune) ? rune : Rune.ReplacementChar;

    private static int LengthAt(string text, int at) => Rune.TryGetRuneAt(text, at, out var rune) ? rune.Utf16SequenceLength : 1;
}
