using Castellan.AgentGateway.Endpoints;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.Rpc;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Workflows;

/// <summary>Shows orchestrations to operators, and does to agents' runs what they ask for. The gateway's own are to look at.</summary>
internal sealed class WorkflowEndpoints(WorkflowHubs hubs, RemoteRuns remote, WorkflowRecords records, TokenAuthenticator tokens, AccessCheck access)
{
    private const string Resource = "workflows";

    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/workflows/query", ListAsync);
        app.MapPost("/v1/workflows/purge", PurgeAsync);
        app.MapGet("/v1/workflows/{id}", ShowAsync);
        app.MapGet("/v1/workflows/{id}/history", HistoryAsync);
        app.MapPost("/v1/workflows/{id}/actions/{verb}", ActAsync);
    }

    private async Task<IResult> ListAsync(HttpContext context, WorkflowFilter filter)
    {
        var ct = context.RequestAborted;
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        var hub = filter.Hub is { } name ? await hubs.ResolveAsync(name, ct) : null;
        await access.DemandAsync(user, "get", Resource, hub is null ? null : WorkflowHubs.NamespaceOf(hub), null, ct);
        var query = Checked(() => WorkflowViews.Query(filter));
        var found = new List<WorkflowInstance>();
        foreach (var one in hub is null ? await hubs.NamesAsync(ct) : [hub])
        {
            found.AddRange((await hubs.Open(one).QueryAsync(query, ct)).Instances.Select(i => WorkflowViews.Of(i, one)));
        }

        return Results.Json(new ItemList<WorkflowInstance>([.. found.OrderByDescending(i => i.CreatedAt).Take(query.PageSize)]), GatewayJson.Options);
    }

    private async Task<IResult> ShowAsync(HttpContext context, string id, string? hub)
    {
        var (_, found) = await FindAsync(context, id, hub, "get");
        var state = await hubs.Open(found).CreateClient().GetWorkflowStateAsync(id, getInputsAndOutputs: true, context.RequestAborted);
        return state.Exists ? Results.Json(WorkflowViews.Of(id, state, found), GatewayJson.Options) : throw Unknown(id);
    }

    private async Task<IResult> HistoryAsync(HttpContext context, string id, string? hub)
    {
        var (_, found) = await FindAsync(context, id, hub, "get");
        var lines = await AskAsync(() => hubs.Open(found).ReadTimelineAsync(id, context.RequestAborted));
        return Results.Json(new ItemList<WorkflowHistoryLine>([.. lines.Select(WorkflowViews.Of)]), GatewayJson.Options);
    }

    private async Task<IResult> ActAsync(HttpContext context, string id, WorkflowVerb verb, string? hub, WorkflowAction action)
    {
        if (await remote.FindAsync(id, context.RequestAborted) is { } run)
        {
            return await TerminateAsync(context, run, verb, action);
        }

        var (user, found) = await FindAsync(context, id, hub, verb == WorkflowVerb.Rerun ? "create" : "update");
        DemandWritable(found);
        var done = await records.AroundAsync(user, found, id, verb.ToString(), action.Reason,
            () => AskAsync(() => WorkflowActions.ApplyAsync(hubs.Open(found).CreateClient(), id, verb, action, context.RequestAborted)), context.RequestAborted);
        return Results.Json(done, GatewayJson.Options);
    }

    private async Task<IResult> TerminateAsync(HttpContext context, RunRow run, WorkflowVerb verb, WorkflowAction action)
    {
        var operatorOf = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(operatorOf, "update", Resource, run.Run.Namespace, run.Run.RunId, context.RequestAborted);
        var done = await records.AroundAsync(operatorOf, run.Hub, run.Run.RunId, verb.ToString(), action.Reason, () => remote.ApplyAsync(run, verb, context.RequestAborted), context.RequestAborted);
        return Results.Json(done, GatewayJson.Options);
    }

    private async Task<IResult> PurgeAsync(HttpContext context, string? hub, WorkflowPurge purge)
    {
        var ct = context.RequestAborted;
        if (purge.InstanceId is { } id)
        {
            var (user, found) = await FindAsync(context, id, hub, "delete");
            DemandWritable(found);
            return Results.Json(await records.AroundAsync(user, found, id, "Purge", null,
                () => AskAsync(async () => new WorkflowActionResult(await hubs.Open(found).CreateClient().PurgeInstanceAsync(id, ct) ? 1 : 0)), ct), GatewayJson.Options);
        }

        var operatorOf = await EdgeAuthentication.UserAsync(context, tokens);
        var one = await hubs.ResolveAsync(hub ?? throw Refusals.Invalid("the purge names no hub", "name one with --hub"), ct);
        await access.DemandAsync(operatorOf, "delete", Resource, WorkflowHubs.NamespaceOf(one), null, ct);
        DemandWritable(one);
        var filter = Checked(() => WorkflowViews.Purge(purge.Filter ?? new(), purge.Force));
        return Results.Json(await records.AroundAsync(operatorOf, one, null, "Purge", null,
            () => AskAsync(async () => new WorkflowActionResult(await hubs.Open(one).PurgeAsync(filter, ct))), ct), GatewayJson.Options);
    }

    // Who may not look anywhere learns nothing of what there is.
    private async Task<(Principal User, string Hub)> FindAsync(HttpContext context, string id, string? hub, string verb)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        var found = hub is not null ? await hubs.ResolveAsync(hub, context.RequestAborted) : await hubs.FindAsync(id, context.RequestAborted);
        await access.DemandAsync(user, verb, Resource, found is null ? null : WorkflowHubs.NamespaceOf(found), id, context.RequestAborted);
        return (user, found ?? throw Unknown(id));
    }

    private static void DemandWritable(string hub)
    {
        if (WorkflowHubs.IsReadOnly(hub))
        {
            throw Refusals.Forbidden("the gateway's own hub is read-only: what is in it decides and records calls", "refuse a call's approval, or terminate the agent's run, to end it");
        }
    }

    private static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw Invalid(e);
        }
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (FormatException e)
        {
            throw Invalid(e);
        }
        catch (RpcException e)
        {
            var (problem, remedy) = e.Message.Split("; ", 2) is [var p, var r] ? (p, r) : (e.Message, "see 'castellan workflows get'");
            throw e.StatusCode switch
            {
                StatusCode.NotFound => Refusals.NotFound(problem, "'castellan workflows list' shows what there is"),
                StatusCode.AlreadyExists => Refusals.Conflict(problem, remedy),
                StatusCode.Unavailable => Refusals.Unavailable(problem, remedy, e),
                _ => Refusals.Invalid(problem, remedy),
            };
        }
    }

    private static GatewayException Invalid(FormatException e) =>
        e.Message.Split("; ", 2) is [var problem, var remedy] ? Refusals.Invalid(problem, remedy) : Refusals.Invalid(e.Message, "correct the request");

    private static GatewayException Unknown(string id) => Refusals.NotFound($"workflow '{id}' does not exist", "'castellan workflows list' shows what there is");
}
