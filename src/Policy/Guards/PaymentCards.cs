using System.Globalization;

namespace Castellan.Policy.Guards;

/// <summary>Numbers of payment cards.</summary>
/// <remarks>Source: ISO/IEC 7812-1; number ranges as the networks publish them.</remarks>
internal static class PaymentCards
{
    private const int Longest = 19;

    /// <summary>Where the card number ends that begins at <paramref name="at"/>; -1 when there is none.</summary>
    public static int End(ReadOnlySpan<char> text, int at)
    {
        Span<char> digits = stackalloc char[Longest];
        var (count, end) = Digits.Read(text, at, digits);
        if (count is < 13 or > Longest || !Charset.Ends(text, end)) return -1;
        var number = digits[..count];
        return IsIssued(number) && Digits.PassLuhn(number) && number.ContainsAnyExcept(number[0]) ? end : -1;
    }

    private static bool IsIssued(ReadOnlySpan<char> number)
    {
        var four = int.Parse(number[..4], NumberStyles.None, CultureInfo.InvariantCulture);
        return number.Length switch
        {
            13 => four / 1000 == 4,
            14 => four is >= 3000 and <= 3059 or >= 3600 and <= 3699 or >= 3800 and <= 3999,
            15 => four / 100 is 34 or 37,
            16 => four / 1000 == 4 || four is >= 5100 and <= 5599 or >= 2221 and <= 2720 or 6011 or >= 6440 and <= 6599 or >= 3528 and <= 3589 or >= 6200 and <= 6299,
            19 => four is >= 6200 and <= 6299,
            _ => false,
        };
    }
}
