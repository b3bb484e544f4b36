using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Lists approvals and takes decisions.</summary>
internal sealed class ApprovalEndpoints(ApprovalDesk desk, TokenAuthenticator tokens, AccessCheck access)
{
    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/approvals", ListAsync);
        app.MapGet("/v1/approvals/{callId}", ShowAsync);
        app.MapPost("/v1/approvals/{callId}", DecideAsync);
    }

    private async Task<IResult> ListAsync(HttpContext context, string? state)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "get", "approvals", null, null, context.RequestAborted);
        var found = await desk.ListAsync(StateOf(state), context.RequestAborted);
        return Results.Json(new ItemList<Approval>([.. found.Select(a => a.Approval)]), GatewayJson.Options);
    }

    private async Task<IResult> ShowAsync(HttpContext context, string callId)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "get", "approvals", null, callId, context.RequestAborted);
        return Results.Json((await desk.FindAsync(callId, context.RequestAborted)).Approval, GatewayJson.Options);
    }

    private async Task<IResult> DecideAsync(HttpContext context, string callId, DecideApprovalRequest request)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        try
        {
            // Who confirms what is done for them is not an approver, and needs not be one.
            var resource = await desk.IsForAsync(user, callId, context.RequestAborted) ? "confirmations" : "approvals";
            await access.DemandAsync(user, "create", resource, null, callId, context.RequestAborted);
        }
        catch (GatewayException refusal) when (refusal.Status == StatusCodes.Status403Forbidden)
        {
            await desk.RecordRefusedAttemptAsync(user, callId, request.Statement ?? "", refusal.Problem.Detail, context.RequestAborted);
            throw;
        }

        return Results.Json(await desk.DecideAsync(user, callId, request.Statement ?? "", context.RequestAborted), GatewayJson.Options);
    }

    private static ApprovalState? StateOf(string? text) => text switch
    {
        null or "" => null,
        _ when Enum.TryParse<ApprovalState>(text, ignoreCase: true, out var state) && Enum.IsDefined(state) => state,
        _ => throw Refusals.Invalid($"state is '{text}'", $"use one of {string.Join(", ", Enum.GetNames<ApprovalState>())}"),
    };
}
