namespace Castellan.Policy.Guards;

/// <summary>Phone numbers: with a country code, or in the North American form. Bare digits are too many things to be one.</summary>
internal static class PhoneNumbers
{
    /// <summary>Where the number ends that begins with a plus sign at <paramref name="at"/>; -1 when there is none.</summary>
    /// <remarks>Source: ITU-T E.164 and E.123: at most 15 digits.</remarks>
    public static int International(ReadOnlySpan<char> text, int at)
    {
        if (at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is ')' or '+')) return -1;
        if (at + 1 >= text.Length || text[at + 1] is not (>= '1' and <= '9')) return -1;
        var (digits, groups, end) = (0, 0, at + 1);
        for (var i = at + 1; i < text.Length && i < at + 28; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                if (i == end + 1 && digits > 0) groups++;
                digits++;
                end = i + 1;
            }
            else if (text[i] is not (' ' or '-' or '.' or '(' or ')' or '/') || i > end + 1)
            {
                break;
            }
        }
        // Unparted, it is as long as a whole number at least: +100 and +20260101 are none.
        return digits is >= 8 and <= 15 && (groups > 0 || digits >= 10) && Charset.Ends(text, end) ? end : -1;
    }

    /// <summary>Where the number ends that begins at <paramref name="at"/>, as 555-867-5309 or 555) 867-5309; -1 when there is none.</summary>
    public static int NorthAmerican(ReadOnlySpan<char> text, int at)
    {
        var isParenthesized = at > 0 && text[at - 1] == '(';
        if (text.Length - at < 12 || text[at] is not (>= '2' and <= '9') || !Digits.Are(text.Slice(at, 3))) return -1;
        var exchange = at + 3;
        if (isParenthesized)
        {
            if (text[exchange] != ')') return -1;
            exchange += text[exchange + 1] == ' ' ? 2 : 1;
        }
        else
        {
            if (text[exchange] is not ('-' or '.')) return -1;
            exchange++;
        }
        if (text.Length - exchange < 8 || text[exchange] is not (>= '2' and <= '9') || text[exchange + 3] is not ('-' or '.')) return -1;
        return Digits.Are(text.Slice(exchange, 3)) && Digits.Are(text.Slice(exchange + 4, 4)) && Charset.Ends(text, exchange + 8) ? exchange + 8 : -1;
    }
}
