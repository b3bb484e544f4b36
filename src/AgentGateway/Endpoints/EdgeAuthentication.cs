using Castellan.AgentGateway.Access;
using Castellan.AgentGateway.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Every request on the edge names its user by a bearer token.</summary>
internal static class EdgeAuthentication
{
    private const string Scheme = "Bearer ";

    /// <exception cref="GatewayApi.GatewayException">401: no token, or one that the cluster does not know.</exception>
    internal static async ValueTask<Principal> UserAsync(HttpContext context, TokenAuthenticator tokens)
    {
        var header = context.Request.Headers[HeaderNames.Authorization].ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length == Scheme.Length)
        {
            throw Refusals.Unauthenticated("the request carries no bearer token");
        }

        var user = await tokens.FindAsync(header[Scheme.Length..].Trim(), context.RequestAborted) ?? throw Refusals.Unauthenticated("the bearer token is not valid");
        EdgeDoor.Remember(context, user);
        return user;
    }
}
