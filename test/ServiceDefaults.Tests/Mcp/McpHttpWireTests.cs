using System.Net;
using System.Text;
using ModelContextProtocol.Authentication;

namespace Castellan.ServiceDefaults.Tests.Mcp;

public sealed class McpHttpWireTests
{
    private const string ListTools = """{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}""";

    private const string Meta =
        """ "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"raw","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}} """;

    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("localhost", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost", "null", HttpStatusCode.Forbidden)]
    [InlineData("localhost", "http://localhost:3000", HttpStatusCode.BadRequest)] // let in; then it lacks a session
    [InlineData("127.0.0.1", null, HttpStatusCode.BadRequest)]
    public async Task Post_WhenHostOrOriginIsForeign_IsForbidden(string host, string? origin, HttpStatusCode expected)
    {
        await using var server = await McpTestServer.StartAsync();

        using var response = await server.PostAsync(ListTools, r =>
        {
            r.Headers.Host = host;
            if (origin is not null) r.Headers.Add("Origin", origin);
        });

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Post_WhenAnyHostIsAllowed_StillRefusesForeignOrigin()
    {
        await using var server = await McpTestServer.StartAsync(o => o.AllowedHosts.Add("*"));

        using var plain = await server.PostAsync(ListTools, r => r.Headers.Host = "10.1.2.3");
        using var browser = await server.PostAsync(ListTools, r => r.Headers.Add("Origin", "https://evil.example"));

        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, browser.StatusCode);
    }

    [Fact]
    public async Task Post_WhenUnauthenticated_Is401WithChallenge()
    {
        await using var server = await McpTestServer.StartAsync(o => o.ResourceMetadata = new ProtectedResourceMetadata
        {
            Resource = "http://localhost/mcp",
            AuthorizationServers = ["https://login.example"],
            ScopesSupported = ["mcp:call"],
        });

        using var response = await server.PostAsync(ListTools, r => r.Headers.Authorization = null);
        using var metadata = await server.Http.GetAsync(server.Address + "/.well-known/oauth-protected-resource/mcp");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var challenge = response.Headers.WwwAuthenticate.ToString();
        Assert.Contains("/.well-known/oauth-protected-resource/mcp\"", challenge);
        Assert.Contains("scope=\"mcp:call\"", challenge);
        Assert.Equal("https://login.example", (string?)(await McpTestServer.JsonAsync(metadata))["authorization_servers"]![0]);
    }

    [Fact]
    public async Task Post_WhenBodyIsTooLarge_Is413()
    {
        await using var server = await McpTestServer.StartAsync(o => o.MaxBodyBytes = 2048);
        var large = $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"{{{new string((char)120, 4096)}}}"}}""";

        using var declared = await server.PostAsync(large);
        using var chunked = await server.PostAsync(large, r =>
        {
            r.Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(large)));
            r.Headers.TransferEncodingChunked = true;
        });

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, declared.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""")]
    public async Task Post_WhenBodyIsNoMessage_Is400(string body)
    {
        await using var server = await McpTestServer.StartAsync();

        using var response = await server.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(-32600, (int)(await McpTestServer.JsonAsync(response))["error"]!["code"]!);
    }

    [Fact]
    public async Task Post_WhenAcceptLacksEventStream_Is406()
    {
        await using var server = await McpTestServer.StartAsync();

        using var response = await server.PostAsync(ListTools, r =>
        {
            r.Headers.Accept.Clear();
            r.Headers.Accept.ParseAdd("application/json");
        });

        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    [Fact]
    public async Task Session_WhenAnotherCallerOrPathUsesIt_IsNotFound()
    {
        await using var server = await McpTestServer.StartAsync();
        var session = await server.OpenSessionAsync();

        using var mine = await server.PostAsync(ListTools, r => r.Headers.Add("Mcp-Session-Id", session));
        using var theirs = await server.PostAsync(ListTools, r =>
        {
            r.Headers.Add("Mcp-Session-Id", session);
            r.Headers.Authorization = new("Bearer", "bob");
        });
        using var elsewhere = await server.PostAsync(ListTools, r => r.Headers.Add("Mcp-Session-Id", session), "/mcp/servers/a/b");

        Assert.Equal(HttpStatusCode.OK, mine.StatusCode);
        Assert.Equal("application/json", mine.Content.Headers.ContentType!.MediaType);
        Assert.Equal(3, (await McpTestServer.JsonAsync(mine))["result"]!["tools"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.NotFound, theirs.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Delete_WhenOwnerAsks_EndsTheSession()
    {
        await using var server = await McpTestServer.StartAsync();
        var session = await server.OpenSessionAsync();
        using var request = new HttpRequestMessage(HttpMethod.Delete, server.Address + "/mcp");
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Authorization = new("Bearer", "alice");

        using var deleted = await server.Http.SendAsync(request);
        using var after = await server.PostAsync(ListTools, r => r.Headers.Add("Mcp-Session-Id", session));

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
        Assert.Equal(0, server.Host.SessionCount);
    }

    [Fact]
    public async Task Initialize_WhenSessionLimitIsReached_Is503()
    {
        await using var server = await McpTestServer.StartAsync(o => o.MaxSessions = 1);
        await server.OpenSessionAsync();

        using var response = await server.PostAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Theory]
    [InlineData("Mcp-Method", "tools/call", -32020)]
    [InlineData("Mcp-Name", "other", -32020)]
    [InlineData("Mcp-Param-Region", "us", -32020)]
    [InlineData("MCP-Protocol-Version", "2027-01-01", -32022)]
    public async Task Post_WhenHeaderContradictsBody_Is400(string header, string value, int code)
    {
        await using var server = await McpTestServer.StartAsync();
        var headers = new Dictionary<string, string>
        {
            ["MCP-Protocol-Version"] = "2026-07-28", ["Mcp-Method"] = "tools/call", ["Mcp-Name"] = "where", ["Mcp-Param-Region"] = "eu",
        };
        string body = $$$"""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"where","arguments":{"region":"eu"},{{{Meta}}}}}""";
        using var good = await server.PostAsync(body, r => Add(r, headers));
        headers[header] = header == "Mcp-Method" ? "tools/list" : value;

        using var bad = await server.PostAsync(body, r => Add(r, headers));

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Equal(code, (int)(await McpTestServer.JsonAsync(bad))["error"]!["code"]!);
    }

    [Fact]
    public async Task Post_WhenMethodIsUnknownWithoutSession_Is404()
    {
        await using var server = await McpTestServer.StartAsync();

        using var response = await server.PostAsync(
            $$$"""{"jsonrpc":"2.0","id":2,"method":"no/such","params":{ {{{Meta}}} }}""",
            r => Add(r, new() { ["MCP-Protocol-Version"] = "2026-07-28", ["Mcp-Method"] = "no/such" }));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Get_WhenRevisionHasNoSessions_Is405()
    {
        await using var server = await McpTestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address + "/mcp");
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Authorization = new("Bearer", "alice");

        using var response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Listen_WhenToolsChange_StreamsTheChange()
    {
        await using var server = await McpTestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address + "/mcp")
        {
            Content = new StringContent(
                $$$"""{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},{{{Meta}}}}}""",
                Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Authorization = new("Bearer", "alice");
        Add(request, new() { ["MCP-Protocol-Version"] = "2026-07-28", ["Mcp-Method"] = "subscriptions/listen" });
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        var acknowledged = await NextDataAsync(lines);
        await server.Host.NotifyToolsChangedAsync(CancellationToken.None);
        var changed = await NextDataAsync(lines);

        Assert.Contains("notifications/subscriptions/acknowledged", acknowledged);
        Assert.Contains("notifications/tools/list_changed", changed);
    }

    private static async Task<string> NextDataAsync(StreamReader lines)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return line;
        }
        throw new InvalidOperationException("the stream ended");
    }

    private static void Add(HttpRequestMessage request, Dictionary<string, string> headers)
    {
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
    }
}
