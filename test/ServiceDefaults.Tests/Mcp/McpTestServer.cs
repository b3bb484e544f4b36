using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.ServiceDefaults.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Tests.Mcp;

/// <summary>A real Kestrel on a free loopback port with an MCP server whose tools differ by caller.</summary>
internal sealed class McpTestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private McpTestServer(WebApplication app, McpHttpHost host, string address) => (_app, Host, Address) = (app, host, address);

    public McpHttpHost Host { get; }

    public string Address { get; }

    public HttpClient Http { get; } = new();

    /// <summary>Tools besides <c>whoami</c> and <c>where</c>; a test may change it.</summary>
    public static Tool Named(string name, string schema = """{"type":"object"}""") =>
        new() { Name = name, InputSchema = System.Text.Json.JsonElement.Parse(schema) };

    public static async Task<McpTestServer> StartAsync(Action<McpHttpOptions>? configure = null, TimeProvider? clock = null, McpServerOptions? server = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var options = new McpHttpOptions { Authenticate = AuthenticateAsync, FindTool = (_, name, _) => ValueTask.FromResult<Tool?>(name == "where" ? Where : null) };
        configure?.Invoke(options);
        var host = new McpHttpHost(server ?? DynamicServer(), options, app.Services.GetRequiredService<ILoggerFactory>(), app.Services, clock ?? TimeProvider.System);
        host.Map(app, "/mcp");
        host.Map(app, "/mcp/servers/{ns}/{name}");
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new McpTestServer(app, host, address);
    }

    public async Task<McpClient> ConnectAsync(string token = "alice", string path = "/mcp", string? revision = null, McpClientHandlers? handlers = null) =>
        await McpClient.CreateAsync(
            new HttpClientTransport(new()
            {
                Endpoint = new Uri(Address + path),
                TransportMode = HttpTransportMode.StreamableHttp,
                AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + token },
            }),
            new McpClientOptions { ProtocolVersion = revision, Handlers = handlers ?? new() });

    public async Task<HttpResponseMessage> PostAsync(string json, Action<HttpRequestMessage>? change = null, string path = "/mcp")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Address + path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("Authorization", "Bearer alice");
        change?.Invoke(request);
        return await Http.SendAsync(request);
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public async Task<string> OpenSessionAsync(string token = "alice", string path = "/mcp")
    {
        using var response = await PostAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}""",
            r => r.Headers.Authorization = new("Bearer", token), path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.GetValues("Mcp-Session-Id").Single();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await Host.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static Tool Where { get; } = Named("where", """{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}""");

    private static ValueTask<McpAuthentication> AuthenticateAsync(Microsoft.AspNetCore.Http.HttpContext http, CancellationToken ct)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal)) return ValueTask.FromResult(McpAuthentication.Unauthenticated("no bearer token; send one"));
        var name = header["Bearer ".Length..];
        if (name == "mallory") return ValueTask.FromResult(McpAuthentication.Forbidden("mallory may not come in"));
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], "Bearer"));
        return ValueTask.FromResult(McpAuthentication.Accept(user, name, new Caller(name)));
    }

    private static McpServerOptions DynamicServer() => new()
    {
        ServerInfo = new() { Name = "test", Version = "1" },
        Capabilities = new() { Tools = new() { ListChanged = true } },
        Handlers = new()
        {
            ListToolsHandler = (request, _) => ValueTask.FromResult(new ListToolsResult
            {
                Tools = [Named("whoami"), Where, Named("only_" + ((Caller)McpCallContext.Of(request).Caller!).Name)],
            }),
            CallToolHandler = (request, _) =>
            {
                var call = McpCallContext.Of(request);
                var text = request.Params!.Name == "whoami" ? ((Caller)call.Caller!).Name : $"{call.RouteValue("ns")}/{call.RouteValue("name")}";
                return ValueTask.FromResult(new CallToolResult { Content = [new TextContentBlock { Text = text }] });
            },
        },
    };

    public sealed record Caller(string Name);
}
