using System.Buffers;
using System.Buffers.Text;

namespace Castellan.Policy.Guards;

/// <summary>Finds keys and tokens by their own form, and passwords by what stands before them.</summary>
internal static class SecretScan
{
    private const string JwtStart = "eyJ"; // {" in base64url
    private const string PemStart = "-----BEGIN ";
    private const string UrlMark = "://";
    private const int LongestAuthority = 512;

    private static readonly SearchValues<string> Starts = SearchValues.Create(
        [.. TokenFormat.All.Select(f => f.Prefix), JwtStart, PemStart, UrlMark], StringComparison.Ordinal);

    private static readonly SearchValues<char> AfterAuthority = SearchValues.Create("/?# \t\r\n\"'<>\\|`{}[]");

    public static void Run(ReadOnlySpan<char> text, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Starts);
            if (next < 0) break;
            at += next;
            var (name, start, end) = At(text, at);
            if (end <= at)
            {
                at++;
                continue;
            }
            if (name is not null && !found.Add(GuardKinds.Secrets, name, start, end - start)) return;
            at = end;
        }
        AssignmentScan.Run(text, found);
    }

    // An end behind 'at' says that all before it was read; the name says whether it is a secret.
    private static (string? Name, int Start, int End) At(ReadOnlySpan<char> text, int at)
    {
        var rest = text[at..];
        if (rest.StartsWith(UrlMark, StringComparison.Ordinal)) return Url(text, at + UrlMark.Length);
        if (rest.StartsWith(PemStart, StringComparison.Ordinal)) return Pem(text, at);
        if (!Charset.Begins(text, at)) return default;
        // Within a run of its own characters none begins: each run is read once.
        if (rest.StartsWith(JwtStart, StringComparison.Ordinal)) return at > 0 && text[at - 1] == '-' ? default : Jwt(text, at);
        foreach (var format in TokenFormat.All)
        {
            if (rest.StartsWith(format.Prefix, StringComparison.Ordinal) && format.EndOf(text, at) is > 0 and var end) return (format.Name, at, end);
        }
        return default;
    }

    // RFC 7519: header.payload.signature; the first two are JSON objects. An unsigned one has an empty third part.
    private static (string? Name, int Start, int End) Jwt(ReadOnlySpan<char> text, int at)
    {
        var header = Charset.Run(text, at, Charset.Url64);
        var payloadAt = at + header + 1;
        if (header < 16 || payloadAt >= text.Length || text[payloadAt - 1] != '.' || !text[payloadAt..].StartsWith(JwtStart, StringComparison.Ordinal)) return default;
        var payload = Charset.Run(text, payloadAt, Charset.Url64);
        var signatureAt = payloadAt + payload + 1;
        if (payload < 8 || signatureAt > text.Length || text[signatureAt - 1] != '.') return default;
        var end = signatureAt + Charset.Run(text, signatureAt, Charset.Url64);
        return (IsOfKubernetes(text.Slice(payloadAt, payload)) ? "kubernetes-service-account-token" : "jwt", at, end);
    }

    private static bool IsOfKubernetes(ReadOnlySpan<char> payload)
    {
        var whole = payload[..Math.Min(payload.Length, 4096)];
        whole = whole[..(whole.Length / 4 * 4)];
        var bytes = new byte[whole.Length];
        return Base64Url.TryDecodeFromChars(whole, bytes, out var written) && bytes.AsSpan(0, written).IndexOf("kubernetes.io"u8) >= 0;
    }

    // RFC 7468. Without an end the rest of the text counts: a key that is cut off is a key.
    private static (string? Name, int Start, int End) Pem(ReadOnlySpan<char> text, int at)
    {
        var label = text[(at + PemStart.Length)..];
        label = label[..Math.Min(label.Length, 64)];
        var labelEnd = label.IndexOf("-----", StringComparison.Ordinal);
        if (labelEnd < 0) return default;
        var body = at + PemStart.Length + labelEnd + 5;
        if (!label[..labelEnd].EndsWith("PRIVATE KEY", StringComparison.Ordinal) && !label[..labelEnd].EndsWith("PRIVATE KEY BLOCK", StringComparison.Ordinal)) return (null, at, body);
        var mark = text[body..].IndexOf("-----END ", StringComparison.Ordinal);
        if (mark < 0) return ("private-key", at, text.Length);
        var tail = text[(body + mark + 9)..];
        var close = tail[..Math.Min(tail.Length, 64)].IndexOf("-----", StringComparison.Ordinal);
        return ("private-key", at, close < 0 ? body + mark + 9 : body + mark + 9 + close + 5);
    }

    // RFC 3986, section 3.2.1: user:password@host.
    private static (string? Name, int Start, int End) Url(ReadOnlySpan<char> text, int at)
    {
        var authority = text[at..];
        authority = authority[..Math.Min(authority.Length, LongestAuthority)];
        var end = authority.IndexOfAny(AfterAuthority);
        if (end >= 0) authority = authority[..end];
        var sign = authority.LastIndexOf('@');
        if (sign < 0) return default;
        var colon = authority[..sign].IndexOf(':');
        var password = colon < 0 ? default : authority[(colon + 1)..sign];
        return password.Length < 2 || AssignmentScan.IsPlaceholder(password) ? default : ("url-credentials", at, at + sign);
    }
}
