using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeAgent.Tests.Proxy;

/// <summary>A real plain-HTTP server behind the real proxy.</summary>
public sealed class UpstreamForwarderTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _left = new();
    private readonly TaskCompletionSource _next = new();
    private WebApplication _upstream = null!;
    private string _address = "";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _upstream = builder.Build();
        _upstream.MapGet("/tools", () => Results.StatusCode(405));
        _upstream.MapDelete("/tools", () => Results.NoContent());
        _upstream.MapPost("/tools", AnswerAsync);
        await _upstream.StartAsync();
        _address = _upstream.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/tools";
    }

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    [Fact]
    public async Task Post_WhenFromTheGateway_PassesBodyQueryAndHeadersButNoCredentials()
    {
        await using var proxy = await TestProxy.StartAsync(_address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp?x=1") { Content = new StringContent("hello", Encoding.UTF8, "application/json") };
        request.Headers.Add("Mcp-Session-Id", "s1");
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("Cookie", "a=b");
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add("X-Forwarded-For", "1.2.3.4");
        using var response = await proxy.Client.SendAsync(request);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("hello ?x=1 application/json; charset=utf-8", lines[0]);
        Assert.Contains("Mcp-Session-Id=s1", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("Authorization") || l.StartsWith("Cookie") || l.StartsWith("Origin") || l.StartsWith("X-Forwarded"));
        Assert.Equal("s2", response.Headers.GetValues("Mcp-Session-Id").Single());
    }

    [Fact]
    public async Task EventStream_WhenServerSendsLater_FlowsEventByEventAndEndsWithTheReader()
    {
        await using var proxy = await TestProxy.StartAsync(_address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent("stream") };
        using (var response = await proxy.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            Assert.Equal("data: 1", await reader.ReadLineAsync());
            _next.SetResult();
            Assert.Equal("", await reader.ReadLineAsync());
            Assert.Equal("data: 2", await reader.ReadLineAsync());
        }

        await _left.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Anything_WhenPeerIsNotTheGateway_IsRefused()
    {
        await using var proxy = await TestProxy.StartAsync(_address);
        using var agent = proxy.As("spiffe://castellan.local/ns/default/sa/agent-triage");
        await Assert.ThrowsAsync<HttpRequestException>(() => agent.PostAsync("/mcp", null));
    }

    [Fact]
    public async Task Anything_WhenPathIsNotMcp_Answers404()
    {
        await using var proxy = await TestProxy.StartAsync(_address);
        Assert.Equal(HttpStatusCode.NotFound, (await proxy.Client.GetAsync("/other")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await proxy.Client.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await proxy.Client.DeleteAsync("/mcp")).StatusCode);
    }

    [Fact]
    public async Task Readiness_WhenServerComesAndGoes_Follows()
    {
        await using var proxy = await TestProxy.StartAsync(_address);
        Assert.Equal(HttpStatusCode.OK, (await proxy.Probes.GetAsync("/readyz")).StatusCode);
        await _upstream.StopAsync();
        var answer = await proxy.Probes.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("upstream: http://127.0.0.1", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await proxy.Probes.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, (await proxy.Client.PostAsync("/mcp", null)).StatusCode);
    }

    [Fact]
    public async Task Answer_WhenServerBreaksItOff_IsBrokenOffToo()
    {
        await using var proxy = await TestProxy.StartAsync(_address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent("break") };
        using var response = await proxy.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        _next.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        switch (body)
        {
            case "stream":
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync("data: 1\n\n");
                await context.Response.Body.FlushAsync();
                await _next.Task;
                await context.Response.WriteAsync("data: 2\n\n");
                await context.Response.Body.FlushAsync();
                using (context.RequestAborted.Register(() => _left.TrySetResult()))
                {
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;

            case "break":
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("some");
                await context.Response.Body.FlushAsync();
                await _next.Task;
                context.Abort();
                break;

            default:
                context.Response.Headers["Mcp-Session-Id"] = "s2";
                await context.Response.WriteAsync($"{body} {context.Request.QueryString} {context.Request.ContentType}\n");
                await context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(h => $"{h.Key}={h.Value}")));
                break;
        }
    }
}
