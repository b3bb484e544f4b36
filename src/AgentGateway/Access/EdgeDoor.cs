using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Http;

namespace Castellan.AgentGateway.Access;

/// <summary>The edge listener's doorkeeper: who came without a valid token, or asked for what RBAC does not give them, is recorded.</summary>
internal sealed class EdgeDoor(AccessRecords records)
{
    private const string Name = "gateway: edge listener";
    private static readonly object s_user = new();

    /// <summary>Remembers whose token a request carries, for the record of its refusal.</summary>
    internal static void Remember(HttpContext context, Principal user) => context.Items[s_user] = user;

    internal async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (GatewayException e) when (e.Problem.Status is 401 or 403)
        {
            await RecordAsync(context, e.Problem.Title, e.Problem.Detail);
            throw;
        }

        if (context.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
        {
            await RecordAsync(context, context.Response.StatusCode == 401 ? "Unauthorized" : "Forbidden", $"answered HTTP {context.Response.StatusCode}");
        }
    }

    private async Task RecordAsync(HttpContext context, string error, string reason)
    {
        var user = context.Items[s_user] as Principal;
        if (user is not null && context.Request.Path.StartsWithSegments("/v1/approvals"))
        {
            return; // who may not decide on a call is in that call's own records
        }

        await records.WriteAsync(
            new TurnedAway(Name, user?.Name ?? TurnedAway.Nobody, $"{context.Request.Method} {context.Request.Path}", reason) { SourceIp = context.Connection.RemoteIpAddress?.ToString(), Error = error },
            CancellationToken.None);
    }
}
