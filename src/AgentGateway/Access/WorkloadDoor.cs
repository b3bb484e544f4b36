using Castellan.AgentGateway.Endpoints;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Castellan.AgentGateway.Access;

/// <summary>
/// The workload listener's doorkeeper. The peer's SVID alone says who it is, so a request that names somebody besides is no mistake: it is
/// refused, and so is what an agent has no business asking for; both are recorded.
/// </summary>
internal sealed class WorkloadDoor(AccessRecords records)
{
    internal const string Name = "gateway: workload listener";

    // What proxies, API servers and workflow sidecars take for proof of identity. Our own workers send none of them.
    private static readonly string[] s_claims =
    [
        "Authorization", "X-Forwarded-Client-Cert", "X-Forwarded-User", "X-Forwarded-Groups", "X-Forwarded-Email", "X-Remote-User", "X-Remote-Group",
        "X-Spiffe-Id", "X-Castellan-User", "X-Castellan-Agent", "Impersonate-User", "Impersonate-Group", "Impersonate-Uid", "taskhub",
    ];

    internal async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (s_claims.FirstOrDefault(context.Request.Headers.ContainsKey) is { } claim)
            {
                throw Refusals.Forbidden($"header '{claim}' claims an identity; here the X.509-SVID of the connection is the only one", "send the request without it");
            }

            await next(context);
        }
        catch (GatewayException e) when (e.Problem.Status is 401 or 403 or 404)
        {
            await RecordAsync(context, e.Problem);
            throw;
        }

        if (context.Response.StatusCode == StatusCodes.Status404NotFound && context.GetEndpoint() is null)
        {
            await RecordAsync(context, Refusals.NotFound($"agents have no {context.Request.Method} {context.Request.Path}", "").Problem);
        }
    }

    private Task RecordAsync(HttpContext context, GatewayProblem problem) => records.WriteAsync(
        new TurnedAway(Name, context.PeerSpiffeId()?.ToString() ?? TurnedAway.Nobody, $"{context.Request.Method} {context.Request.Path}", problem.Detail)
        {
            SourceIp = context.Connection.RemoteIpAddress?.ToString(),
            Error = problem.Title,
        }, CancellationToken.None);
}
