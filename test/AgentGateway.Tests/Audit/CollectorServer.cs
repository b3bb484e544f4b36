using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Tests.Audit;

/// <summary>An OpenTelemetry collector that remembers what it was sent.</summary>
internal sealed class CollectorServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CollectorServer(WebApplication app) => _app = app;

    internal ConcurrentQueue<JsonNode> Taken { get; } = [];

    /// <summary>How often it still answers that it is overloaded.</summary>
    internal int Refusals { get; set; }

    internal int Refused { get; private set; }

    internal string? Authorization { get; private set; }

    internal string Url => $"{_app.Urls.Single()}/v1/logs";

    internal IEnumerable<long> Sequences => Taken.Select(record => long.Parse(record["attributes"]!.AsArray().Single(a => (string?)a!["key"] == "castellan.audit.sequence")!["value"]!["intValue"]!.GetValue<string>()));

    internal static async Task<CollectorServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var server = new CollectorServer(app);
        app.MapPost("/v1/logs", (Delegate)server.TakeAsync);
        await app.StartAsync();
        return server;
    }

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        Authorization = context.Request.Headers.Authorization;
        if (Refusals > 0)
        {
            Refusals--;
            Refused++;
            context.Response.Headers.RetryAfter = "0";
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        var body = await JsonNode.ParseAsync(context.Request.Body);
        foreach (var record in body!["resourceLogs"]![0]!["scopeLogs"]![0]!["logRecords"]!.AsArray())
        {
            Taken.Enqueue(record!);
        }

        return Results.Json(new { });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
