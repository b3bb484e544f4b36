using System.Text.Json;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>What an agent's pod shall do in its own sidecar, and what became of it. Every request is about the hub of the SVID that comes with it.</summary>
internal sealed class RunCommandEndpoints(RunCommandQueue queue, RunDirectory runs, RunLedger ledger, IHostApplicationLifetime lifetime)
{
    private static readonly byte[] EndOfLine = "\n"u8.ToArray();

    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/run-commands", (Delegate)FollowAsync);
        app.MapDelete("/v1/run-commands/{id}", RemoveAsync);
        app.MapPost("/v1/runs/{runId}/end", EndAsync);
    }

    /// <summary>One command in each line; an empty line says that the gateway is there.</summary>
    private async Task FollowAsync(HttpContext context)
    {
        var hub = WorkloadPeer.DemandAgent(context).Name;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "application/x-ndjson";
        try
        {
            await foreach (var command in queue.FollowAsync(hub, ended.Token))
            {
                if (command is not null)
                {
                    await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(command, GatewayJson.Options), ended.Token);
                }

                await context.Response.Body.WriteAsync(EndOfLine, ended.Token);
                await context.Response.Body.FlushAsync(ended.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // The pod connects again, to this gateway when it is back or to another.
        }
    }

    private async Task<IResult> RemoveAsync(HttpContext context, string id)
    {
        await queue.RemoveAsync(WorkloadPeer.DemandAgent(context).Name, id, context.RequestAborted);
        return Results.NoContent();
    }

    private async Task<IResult> EndAsync(HttpContext context, string runId, RunReport report)
    {
        var agent = WorkloadPeer.DemandAgent(context);
        if (!Enum.TryParse<WorkflowRuntimeStatus>(report.Status, out var status)
            || status is not (WorkflowRuntimeStatus.Completed or WorkflowRuntimeStatus.Failed or WorkflowRuntimeStatus.Terminated or WorkflowRuntimeStatus.Canceled))
        {
            throw Refusals.Invalid($"'{report.Status}' is no end of a run", "report Completed, Failed, Terminated or Canceled");
        }

        var row = await runs.FindAsync(runId, context.RequestAborted);
        if (row is null || row.Hub != agent.Name)
        {
            throw WorkloadPeer.NoRun(runId);
        }

        // The first report counts; one that comes again finds the run ended.
        await ledger.EndAsync(row, HubEnd.Of(status, report.Output, report.Failure), context.RequestAborted);
        runs.Forget(runId);
        runs.Feed.Signal(runId);
        return Results.NoContent();
    }
}
