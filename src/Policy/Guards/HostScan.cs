using System.Buffers;
using System.Net;
using Castellan.Cel;

namespace Castellan.Policy.Guards;

/// <summary>Finds the hosts that a value names: those of URLs anywhere in its texts, and texts that are nothing but an address.</summary>
/// <remarks>Lenient as browsers and HTTP clients are (WHATWG URL, section 4.4): any number of slashes of either kind after the scheme.</remarks>
internal static class HostScan
{
    private const int LongestAuthority = 1024;
    private const int MostHosts = 1000;

    private static readonly SearchValues<char> AfterAuthority = SearchValues.Create("/\\?# \t\r\n\"'<>`|{}^,;)");

    public static IReadOnlyList<string> In(in CelValue value)
    {
        var hosts = new SortedSet<string>(StringComparer.Ordinal);
        Visit(value, hosts, 0);
        return [.. hosts];
    }

    /// <summary>Adds the hosts of one text.</summary>
    internal static void Add(string text, SortedSet<string> hosts)
    {
        var whole = text.AsSpan().Trim();
        if (whole.Length == 0) return;
        if (IsAddress(whole)) hosts.Add(Plain(whole));
        else if (whole is ['/' or '\\', '/' or '\\', ..]) Authority(whole[2..], hosts);
        for (var rest = text.AsSpan(); hosts.Count < MostHosts;)
        {
            var colon = rest.IndexOf(':');
            if (colon < 0) return;
            var after = rest[(colon + 1)..];
            var slashes = after.IndexOfAnyExcept('/', '\\');
            slashes = slashes < 0 ? after.Length : slashes;
            // "http:host" is a URL to many clients; other schemes need their slashes.
            if (colon > 0 && char.IsAsciiLetterOrDigit(rest[colon - 1]) && (slashes > 1 || EndsWithWebScheme(rest[..colon]))) Authority(after[slashes..], hosts);
            rest = after[Math.Min(slashes, after.Length)..];
        }
    }

    private static void Visit(in CelValue value, SortedSet<string> hosts, int depth)
    {
        if (depth > 200) return;
        switch (value.Kind)
        {
            case CelKind.String:
                Add(value.AsString, hosts);
                break;
            case CelKind.List:
                foreach (var item in value.AsList) Visit(item, hosts, depth + 1);
                break;
            case CelKind.Map:
                foreach (var (key, inner) in value.AsMap)
                {
                    Visit(key, hosts, depth + 1);
                    Visit(inner, hosts, depth + 1);
                }
                break;
        }
    }

    private static void Authority(ReadOnlySpan<char> text, SortedSet<string> hosts)
    {
        text = text[..Math.Min(text.Length, LongestAuthority)];
        var end = text.IndexOfAny(AfterAuthority);
        if (end >= 0) text = text[..end];
        var sign = text.LastIndexOf('@');
        if (sign >= 0) text = text[(sign + 1)..];
        if (text.Length > 0) hosts.Add(Plain(text));
    }

    /// <summary>A host without its port and brackets, in lower case.</summary>
    internal static string Plain(ReadOnlySpan<char> host)
    {
        if (host is ['[', ..])
        {
            var close = host.IndexOf(']');
            host = close < 0 ? host[1..] : host[1..close];
        }
        else if (host.Count(':') == 1)
        {
            host = host[..host.IndexOf(':')];
        }
        return Uri.UnescapeDataString(host.ToString()).TrimEnd('.').ToLowerInvariant();
    }

    private static bool EndsWithWebScheme(ReadOnlySpan<char> text) =>
        text.EndsWith("http", StringComparison.OrdinalIgnoreCase) || text.EndsWith("https", StringComparison.OrdinalIgnoreCase);

    private static bool IsAddress(ReadOnlySpan<char> text) => text.Length <= 64 && (text.Contains('.') || text.Contains(':'))
        && (IPAddress.TryParse(text, out _) || text.ContainsAny('.', '[') && IPEndPoint.TryParse(text, out _) || text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)) && !text.ContainsAny("Tt Zz");
}
