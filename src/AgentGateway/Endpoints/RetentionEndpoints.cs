using Castellan.AgentGateway.Identity;
using Castellan.Audit;
using Castellan.Audit.Transparency;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Removes the texts of old audit records for those who may <c>delete audits</c>.</summary>
internal sealed class RetentionEndpoints(LogRetention retention, TokenAuthenticator tokens, AccessCheck access, TimeProvider clock)
{
    private const int LongestReason = 500;

    internal void Map(IEndpointRouteBuilder app) => app.MapPost("/v1/audit/prune", PruneAsync);

    private async Task<IResult> PruneAsync(HttpContext context, PruneAuditRequest request)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "delete", "audits", null, null, context.RequestAborted);
        if (request.Before > clock.GetUtcNow())
        {
            throw Refusals.Invalid($"before is {request.Before:O}, which is yet to come", "name a time that has passed");
        }

        var reason = string.IsNullOrWhiteSpace(request.Reason) ? "by hand" : request.Reason[..Math.Min(request.Reason.Length, LongestReason)];
        var plan = request.DryRun
            ? await retention.PlanAsync(request.Before, context.RequestAborted)
            : await retention.PruneAsync(request.Before, new AuditWho { Principal = user.Name, Groups = user.Groups.Count > 0 ? user.Groups : null }, reason, context.RequestAborted);
        return Results.Json(new AuditPruning(plan.Through, plan.Records), GatewayJson.Options);
    }
}
