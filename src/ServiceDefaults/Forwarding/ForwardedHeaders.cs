using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Castellan.ServiceDefaults.Forwarding;

/// <summary>Which headers pass the proxy.</summary>
internal static class ForwardedHeaders
{
    /// <summary>Of the connection, not of the message (RFC 9110, 7.6.1).</summary>
    private static readonly FrozenSet<string> s_hopByHop = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings");

    /// <summary>Credentials of the hop before, and names that only that hop's server has.</summary>
    private static readonly FrozenSet<string> s_ours = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Host", "Origin", "Authorization", "Proxy-Authorization", "Cookie", "Forwarded");

    public static void CopyTo(IHeaderDictionary from, HttpRequestMessage to)
    {
        foreach (var (name, values) in from)
        {
            if (name.StartsWith(':') || s_hopByHop.Contains(name) || s_ours.Contains(name) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!to.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                to.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }
    }

    public static void CopyTo(HttpResponseMessage from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (!s_hopByHop.Contains(name) && !name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase))
            {
                to[name] = values.ToArray();
            }
        }
    }
}
