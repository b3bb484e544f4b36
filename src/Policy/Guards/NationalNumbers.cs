using System.Globalization;

namespace Castellan.Policy.Guards;

/// <summary>Numbers that states give to people, of those that can be told from other numbers.</summary>
internal static class NationalNumbers
{
    private const string SpanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
    private const string ItalianRemainders = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    // Values of characters at odd places of a codice fiscale, from 0 and from A on.
    private static ReadOnlySpan<byte> OddDigits => [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];

    private static ReadOnlySpan<byte> OddLetters => [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

    /// <summary>What number begins at a letter, and where it ends.</summary>
    public static (string? Name, int End) Lettered(ReadOnlySpan<char> text, int at)
    {
        var word = text.Slice(at, Charset.Run(text, at, Charset.Word, 17));
        return word.Length switch
        {
            9 when IsBritish(word) => ("uk-nino", at + 9),
            9 when word[0] is 'X' or 'Y' or 'Z' && Digits.Are(word[1..8]) && HasSpanishLetter(word[1..8], word[8], (word[0] - 'X') * 10_000_000) => ("es-nie", at + 9),
            16 when IsItalian(word) => ("it-codice-fiscale", at + 16),
            _ => default,
        };
    }

    /// <summary>What number begins at a digit, and where it ends.</summary>
    public static (string? Name, int End) Numbered(ReadOnlySpan<char> text, int at)
    {
        if (text.Length - at >= 11 && text[at + 3] == '-' && text[at + 6] == '-' && Charset.Ends(text, at + 11) && IsAmerican(text.Slice(at, 11))) return ("us-ssn", at + 11);
        var word = text.Slice(at, Charset.Run(text, at, Charset.Word, 16));
        if (word.Length == 9 && Digits.Are(word[..8]) && HasSpanishLetter(word[..8], word[8], 0)) return ("es-dni", at + 9);
        return word.Length == 15 && IsFrench(word) ? ("fr-nir", at + 15) : default;
    }

    // Social Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000.
    private static bool IsAmerican(ReadOnlySpan<char> number)
    {
        var area = number[..3];
        var group = number.Slice(4, 2);
        var serial = number[7..];
        return Digits.Are(area) && Digits.Are(group) && Digits.Are(serial) && area is not ("000" or "666") && area[0] != '9' && group is not "00" && serial is not "0000";
    }

    // HMRC, National Insurance Manual NIM39110.
    private static bool IsBritish(ReadOnlySpan<char> word) =>
        char.IsAsciiLetterUpper(word[0]) && char.IsAsciiLetterUpper(word[1]) && "DFIQUV".IndexOf(word[0]) < 0 && "DFIQUVO".IndexOf(word[1]) < 0
        && word[..2] is not ("BG" or "GB" or "NK" or "KN" or "TN" or "NT" or "ZZ") && Digits.Are(word[2..8]) && word[8] is >= 'A' and <= 'D';

    // Real Decreto 1553/2005: the letter is the remainder by 23.
    private static bool HasSpanishLetter(ReadOnlySpan<char> digits, char letter, int offset) =>
        SpanishLetters[(int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) + offset) % 23] == letter;

    // INSEE: sex, year, month, department …, key = 97 - number mod 97.
    private static bool IsFrench(ReadOnlySpan<char> word) =>
        Digits.Are(word) && word[0] is '1' or '2' && word.Slice(3, 2) is var month && (month[0] == '0' && month[1] != '0' || month[0] == '1' && month[1] <= '2')
        && 97 - Digits.Mod97(word[..13]) == int.Parse(word[13..], NumberStyles.None, CultureInfo.InvariantCulture);

    // Decreto Ministeriale 23.12.1976: six letters, two digits, a letter, two digits, a letter, three digits, a check letter.
    private static bool IsItalian(ReadOnlySpan<char> word)
    {
        const string form = "AAAAAA00A00A000A";
        var sum = 0;
        for (var i = 0; i < 16; i++)
        {
            var c = word[i];
            if (form[i] == 'A' ? !char.IsAsciiLetterUpper(c) : !char.IsAsciiDigit(c)) return false;
            if (i == 15) break;
            sum += (i % 2 == 0, form[i] == 'A') switch
            {
                (true, true) => OddLetters[c - 'A'],
                (true, false) => OddDigits[c - '0'],
                (false, true) => c - 'A',
                _ => c - '0',
            };
        }
        return ItalianRemainders[sum % 26] == word[15];
    }
}
