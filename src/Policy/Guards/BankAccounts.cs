namespace Castellan.Policy.Guards;

/// <summary>International bank account numbers.</summary>
/// <remarks>Source: ISO 13616-1; lengths from the IBAN registry.</remarks>
internal static class BankAccounts
{
    private const int Longest = 34;

    private static readonly Dictionary<string, int> Lengths = Parse(
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 "
        + "IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20");

    private static readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ByCountry = Lengths.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Where the account number ends that begins at <paramref name="at"/>; -1 when there is none.</summary>
    public static int End(ReadOnlySpan<char> text, int at)
    {
        if (text.Length - at < 15 || !char.IsAsciiLetterUpper(text[at + 1]) || !char.IsAsciiDigit(text[at + 2]) || !char.IsAsciiDigit(text[at + 3])) return -1;
        if (!ByCountry.TryGetValue(text.Slice(at, 2), out var length)) return -1;
        Span<char> plain = stackalloc char[Longest];
        var count = 0;
        var i = at;
        for (; i < text.Length && count < length; i++)
        {
            var c = text[i];
            if (c == ' ' && count % 4 == 0 && i > at && text[i - 1] != ' ') continue;
            if (!char.IsAsciiDigit(c) && !char.IsAsciiLetterUpper(c)) return -1;
            plain[count++] = c;
        }
        if (count < length || !Charset.Ends(text, i)) return -1;
        return Digits.Mod97(plain[..4], Digits.Mod97(plain[4..length])) == 1 ? i : -1;
    }

    private static Dictionary<string, int> Parse(string table) =>
        table.Split(' ').ToDictionary(entry => entry[..2], entry => int.Parse(entry.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture));
}
