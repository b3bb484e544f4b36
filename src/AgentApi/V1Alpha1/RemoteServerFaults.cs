namespace Castellan.AgentApi.V1Alpha1;

/// <summary>What is wrong with the spec of a remote server beyond what its schema says. The controller tells it, and the gateway goes by it.</summary>
public static class RemoteServerFaults
{
    /// <summary>The header that takes a credential if the spec names no other.</summary>
    internal const string Authorization = "Authorization";

    // What the protocol, HTTP or the trace says in them is not for a credential to overwrite.
    private static readonly string[] ReservedHeaders =
        ["Accept", "Allow", "Connection", "Expect", "Expires", "Host", "Keep-Alive", "Last-Event-ID", "Last-Modified", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "traceparent", "tracestate"];

    private static readonly string[] ReservedPrefixes = ["Content-", "Mcp-", "Proxy-", "Sec-"];

    /// <summary>The problem and the remedy; <see langword="null"/> if nothing is wrong.</summary>
    /// <param name="remote">The spec.</param>
    public static string? Of(RemoteServer remote)
    {
        if (!Uri.TryCreate(remote.Url, UriKind.Absolute, out var url) || url.Host.Length == 0 || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            return "spec.remote.url is no URL; write for example https://mcp.example.com/mcp";
        }

        if (url.UserInfo.Length > 0)
        {
            return "spec.remote.url holds a credential; put it into a Secret and name it in spec.remote.credential";
        }

        if (remote.Credential is not { } credential)
        {
            return null;
        }

        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
        {
            return $"spec.remote.url is '{remote.Url}', over which the credential would travel in the clear; use https";
        }

        var header = HeaderOf(credential);
        return ReservedHeaders.Contains(header, StringComparer.OrdinalIgnoreCase) || ReservedPrefixes.Any(p => header.StartsWith(p, StringComparison.OrdinalIgnoreCase))
            ? $"spec.remote.credential.header is '{header}', which says something else; use {Authorization} or a header of the server's own"
            : null;
    }

    /// <summary>The header that takes a credential.</summary>
    /// <param name="credential">The spec.</param>
    public static string HeaderOf(RemoteCredential credential) => credential.Header ?? Authorization;

    /// <summary>What stands before the value of a credential; empty for nothing.</summary>
    /// <param name="credential">The spec.</param>
    public static string SchemeOf(RemoteCredential credential) =>
        credential.Scheme ?? (string.Equals(HeaderOf(credential), Authorization, StringComparison.OrdinalIgnoreCase) ? "Bearer" : "");
}
