using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Identity;
using Castellan.Audit;
using Castellan.Audit.Transparency;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Reads and verifies the audit log.</summary>
internal sealed class AuditEndpoints(AuditLog log, TransparencyLog tree, TokenAuthenticator tokens, AccessCheck access, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/audit", ListAsync);
        app.MapGet("/v1/audit/{id}", ShowAsync);
        app.MapPost("/v1/audit/verify", VerifyAsync);
    }

    private async Task<IResult> ListAsync(HttpContext context, [AsParameters] AuditQuery query)
    {
        await DemandAsync(context);
        var page = await WaitAsync(query.Filter(), query.Wait, context);
        return Results.Json(new AuditPage([.. page.Records.Select(EntryOf)], page.Next), GatewayJson.Options);
    }

    // For who follows the log: an answer comes when there is one, and else when the wait is over.
    private async Task<LogPage> WaitAsync(LogFilter filter, TimeSpan wait, HttpContext context)
    {
        var (begun, ct) = (clock.GetTimestamp(), context.RequestAborted);
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        while (true)
        {
            var page = await log.ListAsync(filter, ct);
            if (page.Records.Count > 0 || filter.Newest || stopping.IsCancellationRequested || clock.GetElapsedTime(begun) >= wait)
            {
                return page;
            }

            filter = filter with { After = page.Next };
            await Task.Delay(Look, clock, ct);
        }
    }

    private async Task<IResult> ShowAsync(HttpContext context, string id)
    {
        await DemandAsync(context);
        IReadOnlyList<StoredRecord> found = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && await log.GetAsync(sequence, context.RequestAborted) is { } one
            ? [one]
            : (await log.ListAsync(new LogFilter { CallId = id, Limit = 1000 }, context.RequestAborted)).Records;
        return found.Count > 0 ? Answer(found)
            : throw Refusals.NotFound($"the audit log has no record and no call '{id}'", "list the newest with 'castellan audit list'");
    }

    private async Task<IResult> VerifyAsync(HttpContext context, VerifyAuditRequest request)
    {
        await DemandAsync(context);
        var remembered = request.Remembered is { } head ? new LogHead(head.Sequence, head.Hash) : (LogHead?)null;
        var found = await tree.VerifyAsync(remembered, context.RequestAborted);
        return Results.Json(new AuditVerification(found.Ok, found.Records, new AuditHead(found.Head.Sequence, found.Head.Hash), found.Problem, found.FirstBadSequence, found.Waiting, found.PrunedThrough), GatewayJson.Options);
    }

    private async Task DemandAsync(HttpContext context)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "get", "audits", null, null, context.RequestAborted);
    }

    private static IResult Answer(IReadOnlyList<StoredRecord> records) => Results.Json(new ItemList<AuditEntry>([.. records.Select(EntryOf)]), GatewayJson.Options);

    private static AuditEntry EntryOf(StoredRecord stored)
    {
        // A record that was tampered with must still be shown; only verification judges it.
        var record = ParseOrEmpty(stored.Body);
        return new AuditEntry
        {
            Sequence = stored.Sequence,
            Time = stored.Time,
            Stage = Text(record, "stage") ?? "unreadable",
            Kind = Text(record, "kind") ?? "unreadable",
            CallId = Text(record, "callId"),
            RunId = Text(record, "where", "runId"),
            Principal = Text(record, "who", "principal"),
            OnBehalfOf = Text(record, "who", "onBehalfOf"),
            Server = Text(record, "what", "server"),
            Target = Text(record, "what", "name"),
            Effect = Text(record, "what", "effect"),
            Decision = Text(record, "why", "decision"),
            Rule = Text(record, "why", "rule"),
            State = Text(record, "outcome", "status"),
            Attempt = (record["where"] as JsonObject)?["attempt"] is JsonValue attempt && attempt.TryGetValue<int>(out var number) ? number : null,
            PreviousHash = stored.PreviousHash,
            Hash = stored.Hash,
            Record = record,
        };
    }

    private static JsonObject ParseOrEmpty(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? [];
        }
        catch (System.Text.Json.JsonException)
        {
            return new JsonObject { ["unreadable"] = body };
        }
    }

    private static string? Text(JsonObject record, params ReadOnlySpan<string> path)
    {
        JsonNode? node = record;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }
}
