using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Models.Tests.OpenAI;

/// <summary>A server that speaks chat completions: answers from a queue, remembers what it was asked.</summary>
internal sealed class ChatCompletionsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Queue<Func<HttpContext, Task>> _answers = new();

    private ChatCompletionsServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/chat/completions", async http =>
        {
            Requests.Add((await JsonNode.ParseAsync(http.Request.Body))!);
            Keys.Add(http.Request.Headers.Authorization.ToString());
            await _answers.Dequeue()(http);
        });
    }

    public List<JsonNode> Requests { get; } = [];

    public List<string> Keys { get; } = [];

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1";

    public static async Task<ChatCompletionsServer> StartAsync()
    {
        var server = new ChatCompletionsServer();
        await server._app.StartAsync();
        return server;
    }

    public void Answer(string message, string finish = "stop") => _answers.Enqueue(http => Json(http, 200, $$$"""
        {"id":"c1","object":"chat.completion","created":1760000000,"model":"m-1","choices":[{"index":0,"finish_reason":"{{{finish}}}","message":{{{message}}} }],
         "usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":3} } }
        """));

    public void Fail(int status, string body = "{}", string? retryAfter = null) => _answers.Enqueue(http =>
    {
        if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
        return Json(http, status, body);
    });

    public void Hang() => _answers.Enqueue(http => Task.Delay(Timeout.Infinite, http.RequestAborted));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static Task Json(HttpContext http, int status, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body);
    }
}
