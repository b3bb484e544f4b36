namespace Castellan.Policy.Guards;

/// <summary>Numbers as people write them: in groups, with check digits.</summary>
internal static class Digits
{
    /// <summary>Reads digits that single spaces or hyphens may part.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the first digit stands.</param>
    /// <param name="digits">Takes the digits.</param>
    /// <returns>How many there are, and where they end; one more than fits when there are too many.</returns>
    public static (int Count, int End) Read(ReadOnlySpan<char> text, int at, Span<char> digits)
    {
        var (count, end) = (0, at);
        for (var i = at; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                if (count == digits.Length) return (count + 1, i);
                digits[count++] = text[i];
                end = i + 1;
            }
            else if (text[i] is not (' ' or '-') || i + 1 >= text.Length || !char.IsAsciiDigit(text[i + 1]) || i == at)
            {
                break;
            }
        }
        return (count, end);
    }

    /// <summary>Whether all of it are digits.</summary>
    public static bool Are(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    /// <summary>The check of payment cards.</summary>
    /// <remarks>Source: ISO/IEC 7812-1, annex B.</remarks>
    public static bool PassLuhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit > 4 ? (digit * 2) - 9 : digit * 2;
        }
        return sum % 10 == 0;
    }

    /// <summary>The remainder by 97, letters counting as two digits (A = 10).</summary>
    /// <remarks>Source: ISO 7064, MOD 97-10.</remarks>
    public static int Mod97(ReadOnlySpan<char> text, int remainder = 0)
    {
        foreach (var c in text) remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + c - '0') % 97 : ((remainder * 100) + c - 'A' + 10) % 97;
        return remainder;
    }
}
