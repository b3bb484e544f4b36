using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.AgentGateway.Tracing;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Starts runs and shows them.</summary>
internal sealed class RunEndpoints(RunStart start, RunDirectory runs, TokenAuthenticator tokens, AccessCheck access)
{
    private const int MostListed = 100;

    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/namespaces/{ns}/agents/{name}/runs", StartAsync);
        app.MapGet("/v1/runs", (Delegate)ListAsync);
        app.MapGet("/v1/runs/{runId}", ShowAsync);
        app.MapGet("/v1/runs/{runId}/events", EventsAsync);
    }

    private async Task<IResult> StartAsync(HttpContext context, string ns, string name, StartRunRequest request)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "create", "agents/run", ns, name, context.RequestAborted);
        using var span = RunSpans.StartRequest(context);
        var started = await start.StartAsync(user, new KubeApi.NamespacedName(ns, name), request, RunSpans.Pin(span, context), context.RequestAborted);
        return Results.Json(started, GatewayJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "get", "runs", null, null, context.RequestAborted);
        var found = await runs.NewestAsync(MostListed, context.RequestAborted);
        return Results.Json(new ItemList<Run>([.. found.Select(r => r.Run)]), GatewayJson.Options);
    }

    private async Task<IResult> ShowAsync(HttpContext context, string runId) => Results.Json((await FindAsync(context, runId)).Run, GatewayJson.Options);

    private async Task EventsAsync(HttpContext context, string runId, long? after)
    {
        await FindAsync(context, runId);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await foreach (var item in runs.Feed.FollowAsync(runId, after ?? 0, context.RequestAborted))
        {
            await context.Response.Body.WriteAsync(RunEventStream.Write(item), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private async Task<RunRow> FindAsync(HttpContext context, string runId)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        var row = await runs.FindAsync(runId, context.RequestAborted);
        await access.DemandAsync(user, "get", "runs", row?.Run.Namespace, runId, context.RequestAborted);
        return row ?? throw Refusals.NotFound($"run '{runId}' does not exist", "list runs with 'castellan runs list'");
    }
}
