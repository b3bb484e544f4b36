using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Tests.Delegations;

/// <summary>Whose authority reaches a built-in tool server, through the whole gateway.</summary>
public sealed class DelegationSpineTests : IAsyncLifetime
{
    private static readonly SpiffeId s_books = SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "tools-books");
    private GatewayWorld _world = null!;
    private TestToolServer _books = null!;

    public async Task InitializeAsync()
    {
        _world = await GatewayWorld.StartAsync();
        _books = await _world.StartBuiltInAsync("books");
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Call_OfAnAgentAtABuiltInServer_BringsTheAuthorityOfItsRun()
    {
        var run = await RunAsync("you");

        await CallAsync(run, 1);
        await CallAsync(run, 2);

        var hits = _books.Hits.ToArray();
        var authority = Authority(hits[0]);
        Assert.Equal(("you", run, GatewayWorld.GatewayId), (authority.Subject, authority.Run, authority.Client));
        Assert.Equal(["spiffe://castellan.local/ns/default/sa/agent-triage"], authority.Actors.Select(a => a.ToString()));
        Assert.Equal(run, (string)hits[0].Call["runId"]!);
        Assert.Equal(hits[0].Request!.Authorization, hits[1].Request!.Authorization); // one exchange serves the run
        var record = Assert.Single(await _world.You().ListAuditAsync(new AuditFilter(RunId: run, Limit: 1000), default), r => r.Kind == "delegation");
        Assert.Contains("\"token-exchange\"", record.Record.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(hits[0].Request!.Authorization![7..], record.Record.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The one that matters most: the same agent works for two people, and serves neither with the power of the other.</summary>
    [Fact]
    public async Task Call_InUserBsRun_NeverHasTheAuthorityOfUserA()
    {
        var (ofA, ofB) = (await RunAsync("you"), await RunAsync("second"));
        await CallAsync(ofA, 1);
        var authorityOfA = _books.Hits.Last().Request!.Authorization!;

        // All that an agent could try from within B's run: to name A, in every place where somebody might look. Known claims of identity are turned away.
        using var http = AgentHttp();
        foreach (var (name, value) in new[] { ("X-Remote-User", "you"), ("X-Forwarded-User", "you"), ("Impersonate-User", "you"), ("Authorization", authorityOfA) })
        {
            using var claiming = ForgedCall(ofB, ofA);
            claiming.Headers.TryAddWithoutValidation(name, value);
            using var refused = await http.SendAsync(claiming);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using var request = ForgedCall(ofB, ofA);
        request.Headers.Add("On-Behalf-Of", "you");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();

        var hit = _books.Hits.Last();
        Assert.Equal(("second", ofB), (Authority(hit).Subject, Authority(hit).Run));
        Assert.Equal((ofB, null), ((string)hit.Call["runId"]!, hit.Call["user"]));
        Assert.NotEqual(authorityOfA, hit.Request!.Authorization);

        // Another agent, with an identity of its own, cannot make calls in the run at all.
        var stranger = await Assert.ThrowsAsync<GatewayException>(() => _world.Agent("other").CallAsync(ofA, Read(9), default));
        Assert.Equal(404, stranger.Status);
    }

    // Whatever else a request says, it says in vain.
    private static HttpRequestMessage ForgedCall(string run, string other) => new(HttpMethod.Post, $"/v1/runs/{run}/calls")
    {
        Content = new StringContent($$"""
            {"sequence":1,"kind":"Tool","onBehalfOf":"you","user":"you","runId":"{{other}}",
             "tool":{"name":"books__read","arguments":{"name":"web","onBehalfOf":"you"},"_meta":{"castellan.dev/call":{"user":"you","runId":"{{other}}"} } } }
            """, Encoding.UTF8, "application/json"),
    };

    [Fact]
    public async Task Call_OfAUser_NeverPassesTheirOwnTokenThrough()
    {
        var bearer = _world.Cluster.Cluster.CreateToken("you", ["team"]);
        using var http = _world.Http("you", "team");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        foreach (var server in new[] { "books", "ops" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/mcp/servers/default/{server}")
            {
                Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"name":"web"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Accept.ParseAdd("application/json, text/event-stream");
            request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
            request.Headers.Add("Mcp-Method", "tools/call");
            request.Headers.Add("Mcp-Name", "read");
            using var response = await http.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }

        var (own, third) = (Assert.Single(_books.Hits), Assert.Single(_world.Tools.Hits));
        Assert.Equal(("you", null, 0), (Authority(own).Subject, Authority(own).Run, Authority(own).Actors.Count));
        Assert.Contains("team", Authority(own).Groups);
        Assert.Null(third.Request!.Authorization); // a server that is not ours gets no token at all
        Assert.All([own, third], hit => Assert.DoesNotContain(bearer, hit.Request!.Headers + hit.Call + hit.Arguments, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_AfterTheGatewaysSvidWasRenewed_BringsATokenBoundToTheNewOne()
    {
        var run = await RunAsync("you");
        await CallAsync(run, 1);
        var before = SpiffeTls.ThumbprintOf(_world.GatewayIdentity.Current.Svid.Leaf);
        await _world.Authority.RotateSigningCaAsync(default);
        await Eventually.TrueAsync(() => SpiffeTls.ThumbprintOf(_world.GatewayIdentity.Current.Svid.Leaf) != before);

        await CallAsync(run, 2);

        var thumbprints = _books.Hits.Select(h => h.Request!.Thumbprint).ToArray();
        Assert.Equal(before, thumbprints[0]);
        Assert.NotEqual(before, thumbprints[1]);
        Assert.All(_books.Hits, hit => Assert.Equal("you", Authority(hit).Subject)); // each verifies against the certificate of its own connection
    }

    [Fact]
    public async Task Call_WhenTheAgentIsDenied_IsNotSent()
    {
        var (run, agent) = (await RunAsync("you"), _world.Agent());
        _world.Authority.Denials.Add(SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/agent-triage"));

        var result = await agent.CallAsync(run, Read(1), default);

        Assert.Equal(CallState.Failed, result.State);
        Assert.Contains("was not sent", result.Message, StringComparison.Ordinal);
        Assert.Empty(_books.Hits);
    }

    private async Task<string> RunAsync(string user) =>
        (await _world.As(user, "castellan:viewers", "castellan:operators").StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;

    private async Task CallAsync(string run, long sequence)
    {
        var result = await _world.Agent().CallAsync(run, Read(sequence), default);
        Assert.True(result.State == CallState.Completed, result.Message);
    }

    private static CallRequest Read(long sequence) => new() { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall("books__read", new JsonObject { ["name"] = "web" }) };

    private HttpClient AgentHttp() => new(SpiffeTls.CreateHandler(
        new AuthorityX509Source(_world.Authority, SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "agent-triage")), SpiffeAuthorizer.Exactly(GatewayWorld.GatewayId)))
    {
        BaseAddress = _world.Workload, Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>What a built-in server takes the request's token to mean, held to the certificate that brought it.</summary>
    private DelegatedAuthority Authority(ToolHit hit)
    {
        Assert.StartsWith("Bearer ", hit.Request!.Authorization, StringComparison.Ordinal);
        return DelegationToken.Verify(hit.Request.Authorization![7..], _ => _world.Authority.Bundle, s_books, hit.Request.Thumbprint!, TimeProvider.System.GetUtcNow());
    }
}
