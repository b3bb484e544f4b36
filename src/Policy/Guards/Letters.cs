using System.Collections.Frozen;

namespace Castellan.Policy.Guards;

/// <summary>Letters by the plain letter that they are read as.</summary>
internal static class Letters
{
    // The first of each group stands for the rest. Not left to normalization, which an installation without ICU does not have.
    private const string Accented =
        "aàáâãäåāăąǎạảấầ cçćĉċč dďđ eèéêëēĕėęěẹẻếề gĝğġģ hĥħ iìíîïĩīĭįıỉị jĵ kķ lĺļľŀł nñńņňŋ oòóôõöøōŏőọỏốồ rŕŗř sśŝşšșß tţťŧț uùúûüũūŭůűųụủ wŵ yýÿŷ zźżž";

    private static readonly FrozenDictionary<char, char> Plain = Accented.Split(' ').SelectMany(g => g[1..].Select(c => (c, g[0]))).ToFrozenDictionary(p => p.c, p => p.Item2);

    /// <summary>Folds a character beyond ASCII.</summary>
    /// <returns>The plain letter, a space, or NUL for what cannot be seen.</returns>
    public static char Fold(char c)
    {
        if (IsInvisible(c)) return '\0';
        if (char.IsWhiteSpace(c)) return ' ';
        if (c is >= '\uFF01' and <= '\uFF5E') c = (char)(c - 0xFEE0);
        if (c is '\u2018' or '\u2019' or '\u201C' or '\u201D') return '\0';
        c = char.ToLowerInvariant(c);
        return Plain.GetValueOrDefault(c, c is '_' or '-' or '\u2010' or '\u2011' or '\u2013' or '\u2014' ? ' ' : c);
    }

    /// <summary>Whether nothing is drawn for a character: format characters, joiners, fillers, variation selectors, combining marks.</summary>
    public static bool IsInvisible(char c) => c switch
    {
        '\u00AD' or '\u034F' or '\u061C' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or '\u3164' or '\uFEFF' or '\uFFA0' => true,
        >= '\u0300' and <= '\u036F' => true,
        >= '\u180B' and <= '\u180F' => true,
        >= '\u200B' and <= '\u200F' => true,
        >= '\u202A' and <= '\u202E' => true,
        >= '\u2060' and <= '\u206F' => true,
        >= '\uFE00' and <= '\uFE0F' => true,
        _ => false,
    };
}
