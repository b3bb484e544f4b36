using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>Finds what names or reaches a person. Numbers count only where their form and their check digits fit.</summary>
internal static class PersonalDataScan
{
    private const int LongestLocalPart = 64; // RFC 5321, section 4.5.3.1
    private const int LongestDomain = 255;

    private static readonly SearchValues<char> Interesting = SearchValues.Create("0123456789@+ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<char> LocalPart = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-");
    private static readonly SearchValues<char> Domain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

    public static void Run(ReadOnlySpan<char> text, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Interesting);
            if (next < 0) return;
            at += next;
            var (name, start, end) = At(text, at);
            if (name is not null && !found.Add(GuardKinds.PersonalData, name, start, end - start)) return;
            at = Math.Max(at + 1, end);
        }
    }

    private static (string? Name, int Start, int End) At(ReadOnlySpan<char> text, int at) => text[at] switch
    {
        '@' => Email(text, at),
        '+' => Named("phone", at, PhoneNumbers.International(text, at)),
        _ when !BeginsWord(text, at) => default,
        >= 'A' and <= 'Z' => Lettered(text, at),
        _ => Numbered(text, at),
    };

    private static (string? Name, int Start, int End) Lettered(ReadOnlySpan<char> text, int at)
    {
        if (BankAccounts.End(text, at) is > 0 and var iban) return ("iban", at, iban);
        return NationalNumbers.Lettered(text, at) is (not null and var name, var end) ? (name, at, end) : default;
    }

    private static (string? Name, int Start, int End) Numbered(ReadOnlySpan<char> text, int at)
    {
        if (PaymentCards.End(text, at) is > 0 and var card) return ("payment-card", at, card);
        if (NationalNumbers.Numbered(text, at) is (not null and var name, var end)) return (name, at, end);
        if (PhoneNumbers.NorthAmerican(text, at) is > 0 and var phone) return ("phone", at, phone);
        // A number is looked at where it begins, not in its midst.
        return (null, at, at + Charset.Run(text, at, Charset.Alphanumeric));
    }

    private static (string? Name, int Start, int End) Named(string name, int start, int end) => end > 0 ? (name, start, end) : default;

    // The common form of RFC 5322 addresses; quoted local parts and address literals are left alone.
    private static (string? Name, int Start, int End) Email(ReadOnlySpan<char> text, int at)
    {
        var before = text[Math.Max(0, at - LongestLocalPart)..at];
        var local = before.Length - (before.LastIndexOfAnyExcept(LocalPart) + 1);
        var run = Charset.Run(text, at + 1, Domain, LongestDomain);
        var domain = text.Slice(at + 1, run).TrimEnd(".-");
        var dot = domain.LastIndexOf('.');
        if (local == 0 || dot <= 0 || domain.Length - dot < 3 || domain[(dot + 1)..].ContainsAnyInRange('0', '9') || domain.IndexOf("..", StringComparison.Ordinal) >= 0 || domain[0] is '.' or '-') return default;
        // git@host:path names a repository.
        var after = at + 1 + domain.Length;
        return after + 1 < text.Length && text[after] == ':' && char.IsAsciiLetter(text[after + 1]) ? default : ("email", at - local, after);
    }

    private static bool BeginsWord(ReadOnlySpan<char> text, int at) =>
        at == 0 || !char.IsLetterOrDigit(text[at - 1]) && text[at - 1] is not ('_' or '.' or '-' or '/' or ':') || at > 1 && text[at - 1] is ':' or '.' && text[at - 2] is not (>= '0' and <= '9');
}
