using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Castellan.Policy.Guards;

/// <summary>Finds what is assigned to a name that speaks of a secret, and what an HTTP authorization carries.</summary>
internal static class AssignmentScan
{
    private const int LongestValue = 512;
    private const int LongestName = 40;

    private static readonly string[] Words = ["password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "api-key", "accesskey", "access_key", "privatekey", "private_key"];
    private static readonly string[] Passwords = ["password", "passwd", "passphrase", "pwd"];

    // A name that ends so tells where a secret lies, how long or how many, not what it is.
    private static readonly string[] Harmless =
        ["name", "names", "ref", "refs", "file", "path", "type", "kind", "id", "ids", "url", "uri", "count", "counts", "limit", "length", "size", "expires", "expiry", "ttl", "version", "policy", "hash", "used", "tokens", "usage", "endpoint"];

    private static readonly SearchValues<string> Marks = SearchValues.Create([.. Words, "bearer ", "basic "], StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<char> NameParts = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
    private static readonly SearchValues<char> AfterValue = SearchValues.Create(" \t\r\n,;&\"'`<>()[]{}|\\");

    public static void Run(ReadOnlySpan<char> text, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Marks);
            if (next < 0) return;
            at += next;
            var (name, start, end) = text[at] is 'b' or 'B' ? Authorization(text, at) : Assigned(text, at);
            if (name is not null && !found.Add(GuardKinds.Secrets, name, start, end - start)) return;
            at = Math.Max(at + 1, end);
        }
    }

    /// <summary>What a member of a JSON object is, by its name and value; <see langword="null"/> when it is no secret.</summary>
    public static string? OfMember(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (value.Length < 4 || name.IndexOfAny(Marks) is not (>= 0 and var at) || IsHarmless(name) || IsPlaceholder(value)) return null;
        return NameOf(name[at..], value) is not { } found ? null
            : found == "password" || (value.Length >= 12 && Charset.HasDigit(value) && !value.ContainsAny(' ', '\n')) ? found : null;
    }

    /// <summary>Whether a value stands for one that is filled in elsewhere, or was taken out.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<char> value) =>
        value[0] is '$' or '<' or '{' or '[' or '*' or '%' or '(' || value.StartsWith("xxx", StringComparison.OrdinalIgnoreCase) || value.StartsWith("...", StringComparison.Ordinal)
        || value is "null" or "true" or "false" or "none" or "None" or "undefined" or "redacted" or "REDACTED" or "required" or "optional";

    private static (string? Name, int Start, int End) Assigned(ReadOnlySpan<char> text, int at)
    {
        var nameEnd = at + Charset.Run(text, at, NameParts, LongestName);
        var name = text[at..nameEnd];
        if (IsHarmless(name) || name is "PWD") return default;
        var (valueAt, isQuoted, isColon) = ValueAfter(text, nameEnd);
        if (valueAt < 0) return default;
        var value = text[valueAt..];
        value = value[..Math.Min(value.Length, LongestValue)];
        var quote = isQuoted ? text[valueAt - 1] : '\0';
        var length = isQuoted ? value.IndexOfAny(quote, '\n', '\\') : value.IndexOfAny(AfterValue);
        if (length >= 0) value = value[..length];
        if (value.Length < 6 || IsPlaceholder(value) || NameOf(name, value) is not { } found) return default;
        // "Password: required" is prose; what is a secret after a colon holds a digit or a sign, or stands in quotes.
        if (isColon && !isQuoted && !value.ContainsAnyExceptInRange('a', 'z') || found != "password" && !Charset.HasDigit(value)) return default;
        return (found, valueAt, valueAt + value.Length);
    }

    private static string? NameOf(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (StartsWithAny(name, Passwords)) return "password";
        if (name.Contains("secret", StringComparison.OrdinalIgnoreCase) && name.Contains("access", StringComparison.OrdinalIgnoreCase)
            && value.Length == 40 && !value.ContainsAnyExcept(Charset.Base64)) return "aws-secret-access-key";
        // max_tokens: 4096, token: 17
        return value.ContainsAnyExceptInRange('0', '9') ? "credential" : null;
    }

    private static (int At, bool IsQuoted, bool IsColon) ValueAfter(ReadOnlySpan<char> text, int at)
    {
        at = Skip(text, at, "\"'\\ \t");
        if (at >= text.Length || text[at] is not ('=' or ':')) return (-1, false, false);
        var isColon = text[at] == ':';
        at = Skip(text, at, "=:>");
        at = Skip(text, at, " \t\\");
        var isQuoted = at < text.Length && text[at] is '"' or '\'';
        return isQuoted ? (at + 1, true, isColon) : (at < text.Length ? at : -1, false, isColon);
    }

    // At most a few: what follows a name and is not its value is short.
    private static int Skip(ReadOnlySpan<char> text, int at, string what)
    {
        for (var end = Math.Min(text.Length, at + 6); at < end && what.Contains(text[at], StringComparison.Ordinal); at++)
        {
        }
        return at;
    }

    // RFC 6750 and RFC 7617.
    private static (string? Name, int Start, int End) Authorization(ReadOnlySpan<char> text, int at)
    {
        if (!Charset.Begins(text, at)) return default;
        var isBearer = text[at + 1] is 'e' or 'E';
        var start = at + (isBearer ? 7 : 6);
        var length = Charset.Run(text, start, Charset.Token68, 16 * 1024);
        var token = text.Slice(start, length);
        if (isBearer) return length >= 16 && Charset.HasDigit(token) ? ("bearer-token", start, start + length) : default;
        return length >= 8 && DecodesToPair(token) ? ("basic-credentials", start, start + length) : default;
    }

    private static bool DecodesToPair(ReadOnlySpan<char> token)
    {
        if (token.Length > LongestValue || !Base64.IsValid(token)) return false;
        var bytes = Convert.FromBase64String(token.ToString());
        return bytes.AsSpan().IndexOf((byte)':') > 0 && Encoding.UTF8.GetString(bytes).All(c => !char.IsControl(c));
    }

    private static bool IsHarmless(ReadOnlySpan<char> name)
    {
        var plain = name.TrimEnd("_-.");
        foreach (var ending in Harmless)
        {
            if (plain.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    private static bool StartsWithAny(ReadOnlySpan<char> name, string[] words)
    {
        foreach (var word in words)
        {
            if (name.StartsWith(word, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
