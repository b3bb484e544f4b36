using System.CommandLine;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.KubeApi;
using Castellan.ServiceDefaults.Forwarding;

namespace Castellan.Cli.Proxy;

/// <summary>The gateway's MCP endpoint as one user reaches it: its address, whom to trust, and the bearer token.</summary>
internal sealed class ProxyTarget : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly AuthenticationHeaderValue _token;

    private ProxyTarget(Uri endpoint, X509Certificate2 authority, Credential credential)
    {
        (Endpoint, _authority, User) = (endpoint, authority, credential.User);
        _token = new AuthenticationHeaderValue("Bearer", credential.Token);
        Forwarder = new RequestForwarder(GatewayAccess.TrustingOnly(authority));
    }

    public Uri Endpoint { get; }

    public string User { get; }

    public RequestForwarder Forwarder { get; }

    /// <param name="parsed">Names the local system and the credential.</param>
    /// <param name="server">The one tool server to reach; null for all.</param>
    /// <exception cref="CommandFailure">No local system runs, or the credential does not exist.</exception>
    public static ProxyTarget Open(ParseResult parsed, NamespacedName? server)
    {
        var paths = parsed.Paths();
        var daemon = GatewayAccess.RequireReady(paths);
        var path = server is { } one ? $"/mcp/servers/{one.Namespace}/{one.Name}" : "/mcp";
        return new ProxyTarget(new Uri(new Uri(daemon.Gateway!), path), X509Certificate2.CreateFromPem(daemon.CertificateAuthority), Credential.Load(paths, parsed.GetValue(GlobalOptions.As)!));
    }

    public void Authorize(HttpRequestMessage request) => request.Headers.Authorization = _token;

    public void Dispose()
    {
        Forwarder.Dispose();
        _authority.Dispose();
    }
}
