using System.Security.Claims;
using Castellan.ServiceDefaults.Mcp;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Castellan.McpServers.Hosting;

/// <summary>Lets in the gateway alone, and finds out whose authority it brings.</summary>
/// <remarks>
/// A token is taken if this trust domain's authority signed it for exactly this server and for the certificate that the gateway shows
/// on this connection: copied from a log, or sent by another server that got it, it is worth nothing.
/// </remarks>
/// <param name="gateway">The gateway.</param>
/// <param name="self">This server's identity.</param>
/// <param name="bundles">The keys that tokens are verified with.</param>
/// <param name="clock">Clock of their validity.</param>
internal sealed class GatewayAdmission(SpiffeId gateway, IX509Source self, IJwtBundleSource bundles, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    /// <summary>The caller is a <see cref="DelegatedAuthority"/>, or null when the request brings no token, as those for lists do.</summary>
    public McpAuthentication Admit(HttpContext http)
    {
        // The listener refuses every other peer in the handshake already; what follows trusts this, so it is checked here again.
        if (http.PeerSpiffeId() is not { } peer) return McpAuthentication.Unauthenticated("no X.509-SVID was shown; connect through the gateway");
        if (peer != gateway) return McpAuthentication.Forbidden($"{peer} may not call this server; only {gateway} may");
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", peer.ToString())], "X509-SVID"));
        var header = http.Request.Headers[HeaderNames.Authorization];
        if (header.Count == 0) return McpAuthentication.Accept(user, peer.ToString());
        try
        {
            return header is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? McpAuthentication.Accept(user, peer.ToString(), Verify(text[Scheme.Length..], http.PeerThumbprint()!))
                : McpAuthentication.Unauthenticated("the authorization is no single bearer token; send a delegation token of the identity authority");
        }
        catch (Exception e) when (e is DelegationException or SvidUnavailableException)
        {
            return McpAuthentication.Unauthenticated(e.Message, "error=\"invalid_token\"");
        }
    }

    private DelegatedAuthority Verify(string token, string thumbprint)
    {
        var authority = DelegationToken.Verify(token, bundles.Find, self.Current.Svid.Id, thumbprint, clock.GetUtcNow());
        return authority.Client == gateway
            ? authority
            : throw new DelegationException(DelegationFault.OtherSender, $"the token was issued to {authority.Client}; only {gateway} may send tokens here");
    }
}
