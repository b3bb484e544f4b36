using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.EndToEnd.Tests.Models;

/// <summary>A server that speaks chat completions and answers each request by what stands in it.</summary>
internal sealed class ChatCompletionsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ChatCompletionsServer(Func<JsonObject, JsonObject> model)
    {
        Answer = (http, request) => http.Response.WriteAsJsonAsync(model(request));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/chat/completions", async http =>
        {
            var request = (JsonObject)(await JsonNode.ParseAsync(http.Request.Body))!;
            Requests.Enqueue(new Request(http.Request.Headers.Authorization.ToString(), request));
            await Answer(http, request);
        });
    }

    /// <summary>What comes back; a test may put something else in place of the model.</summary>
    public Func<HttpContext, JsonObject, Task> Answer { get; set; }

    public ConcurrentQueue<Request> Requests { get; } = new();

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public static async Task<ChatCompletionsServer> StartAsync(Func<JsonObject, JsonObject> model)
    {
        var server = new ChatCompletionsServer(model);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>What it was asked.</summary>
    /// <param name="Authorization">The header; empty without.</param>
    /// <param name="Body">The request.</param>
    internal sealed record Request(string Authorization, JsonObject Body);
}
