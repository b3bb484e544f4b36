using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Integrity;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Lists tools with their pins and takes approvals of definitions.</summary>
internal sealed class ToolEndpoints(ToolDesk desk, TokenAuthenticator tokens, AccessCheck access)
{
    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/tools", ListAsync);
        app.MapPost("/v1/namespaces/{ns}/toolservers/{server}/tools/approve", ApproveAsync);
    }

    private async Task<IResult> ListAsync(HttpContext context, string? @namespace, string? server, bool? definitions)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "get", "tools", @namespace, null, context.RequestAborted);
        return Results.Json(new ItemList<ToolReport>(await desk.ListAsync(@namespace, server, definitions is true, context.RequestAborted)), GatewayJson.Options);
    }

    private async Task<IResult> ApproveAsync(HttpContext context, string ns, string server, ApproveToolsRequest request)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        var key = new NamespacedName(ns, server);
        try
        {
            await access.DemandAsync(user, "create", "tools/approve", ns, server, context.RequestAborted);
        }
        catch (GatewayException refusal) when (refusal.Status == StatusCodes.Status403Forbidden)
        {
            await desk.RecordRefusedAttemptAsync(user, key, refusal.Problem.Detail, context.RequestAborted);
            throw;
        }

        return Results.Json(new ItemList<ToolReport>(await desk.ApproveAsync(user, key, request, context.RequestAborted)), GatewayJson.Options);
    }
}
